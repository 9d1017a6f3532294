import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "../state/session";

export const SessionContext = createContext<Session | null>(null);

/** The session that the dashboard is drawn from. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("expected to be inside <App>; received no session");
  return session;
}
