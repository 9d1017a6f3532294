import { defineConfig } from "vitest/config";

// One ES module that exports render(), under a fixed name: TensorBoard imports it, the wheel ships it, CI rebuilds it
// and compares the bytes.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "../plugin/tensorboard_curveboard/static",
    emptyOutDir: true,
    modulePreload: false,
    sourcemap: false,
    rollupOptions: {
      input: "src/main.ts",
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "index.js", codeSplitting: false },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
