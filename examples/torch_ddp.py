"""PyTorch in two processes (DDP): each evaluates its share of the data, the first writes the curves of all of it."""

import tempfile

import torch
import torch.distributed as dist
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

from curveboard import CurveWriter

N_PROCESSES = 2


def gather(mine: Tensor, n_examples: int) -> Tensor:
    """Returns the rows of all processes, in the order of the dataset.

    Without shuffling, `DistributedSampler` deals the examples out in turn, and begins again with the first ones until
    every process has as many. Taken in turn again, these repetitions are the last rows: they are cut off, for an
    example that counts twice makes every number a little wrong.
    """
    parts = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, mine)
    return torch.stack(parts, dim=1).flatten(0, 1)[:n_examples]


def evaluate(model: nn.Module, dataset: TensorDataset) -> tuple[Tensor, Tensor]:
    """Returns labels and logits of the whole dataset, to every process."""
    loader = DataLoader(dataset, batch_size=64, sampler=DistributedSampler(dataset, shuffle=False))
    model.eval()
    with torch.no_grad():
        labels, logits = zip(*((y, model(x)) for x, y in loader), strict=True)
    return gather(torch.cat(labels), len(dataset)), gather(torch.cat(logits), len(dataset))


def train(rank: int, meeting_place: str) -> None:
    torch.set_num_threads(1)  # the processes share one machine
    dist.init_process_group("gloo", init_method=meeting_place, rank=rank, world_size=N_PROCESSES)
    x, y = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    x = (x / 16).float()
    training, validation = TensorDataset(x[:1200], y[:1200]), TensorDataset(x[1200:], y[1200:])  # 597, an odd number

    torch.manual_seed(0)
    model = DistributedDataParallel(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    sampler = DistributedSampler(training)
    writer = CurveWriter("logs/ddp", task="multiclass", from_logits=True)
    for epoch in range(4):
        sampler.set_epoch(epoch)
        model.train()
        for inputs, labels in DataLoader(training, batch_size=32, sampler=sampler):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
        y_true, y_score = evaluate(model, validation)
        if rank == 0:  # the others would write the same into the same directory
            record = writer.write(epoch, y_true, y_score)
            print(f"epoch {epoch}: macro ROC-AUC {record.roc_auc:.4f} of {record.n_examples} examples")
    writer.close()
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:  # where the processes find each other
        torch.multiprocessing.spawn(train, (f"file://{folder}/processes",), N_PROCESSES)
