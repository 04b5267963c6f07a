"""Makes the files in this folder with PyTorch (1.13 was used): python3 make.py"""
import os
import zipfile
from collections import OrderedDict

import torch
from torch import nn


def dtypes():
    """Each number format, and tensors that are views: transposed, sliced, sharing a storage, scalar, empty."""
    ramp = torch.arange(6, dtype=torch.float32)
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return OrderedDict(
        f32=torch.tensor([1.5, -2.25, 3e-20]), f64=torch.tensor([0.1, -1e300], dtype=torch.float64),
        f16=torch.tensor([1.0, -0.333251953125, 65504.0, 6e-8, float("inf")], dtype=torch.float16),
        bf16=torch.tensor([1.0, -3.140625, 1e38], dtype=torch.bfloat16),
        i64=torch.tensor([2**40, -3]), i32=torch.tensor([2**30, -3], dtype=torch.int32),
        i16=torch.tensor([300, -3], dtype=torch.int16), i8=torch.tensor([100, -3], dtype=torch.int8),
        u8=torch.tensor([200, 3], dtype=torch.uint8), bool=torch.tensor([True, False]),
        scalar=torch.tensor(7, dtype=torch.int64), empty=torch.zeros(0, 3), tied=ramp, tied_again=ramp,
        offset=ramp[2:5], every_second=ramp[::2], transposed=base.permute(2, 0, 1), inner=base[:, 1:, 1:3],
        channels_last=torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last))


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)

    def forward(self, x):
        return self.norm(self.conv(x))


class Evil:
    def __reduce__(self):
        return os.system, ("echo broken into",)


def main():
    torch.manual_seed(0)
    torch.save(dtypes(), "dtypes.pt")
    torch.save(dict(dtypes()), "dtypes_protocol4.pt", pickle_protocol=4)
    torch.save(dtypes(), "dtypes_legacy.pt", _use_new_zipfile_serialization=False)
    with zipfile.ZipFile("dtypes.pt") as old, zipfile.ZipFile("dtypes_big_endian.pt", "w") as new:
        sizes = {t.storage()._cdata: t.element_size() for t in dtypes().values()}
        keyed = []
        for t in torch.load("dtypes.pt").values():
            if t.storage().data_ptr() not in [k for k, _ in keyed] or t.numel() == 0:
                keyed.append((t.storage().data_ptr(), t.element_size()))
        for entry in old.infolist():
            data = old.read(entry)
            if "/data/" in entry.filename:
                size = keyed[int(entry.filename.split("/")[-1])][1]
                data = b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))
            new.writestr(zipfile.ZipInfo(entry.filename), data)
        new.writestr(zipfile.ZipInfo("dtypes/byteorder"), b"big")
    net = Tiny()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    net(torch.randn(2, 1, 5, 5)).sum().backward()
    optimizer.step()
    torch.save(net.state_dict(), "tiny.pt")
    wrapped = OrderedDict(("module." + k, v) for k, v in net.state_dict().items())
    for key in ["state_dict", "model", "model_state_dict", "net"]:
        torch.save({"epoch": 3, key: wrapped, "optimizer": optimizer.state_dict(), "best": 0.875, "name": "tiny",
                    "args": {"lr": 1e-3, "betas": (0.9, 0.999), "resume": None, "seed": 2**70, "amp": False},
                    "losses": [0.5, 0.25], "rng": torch.get_rng_state()[:64], "size": torch.Size([1, 2]),
                    "dtype": torch.float16, "device": torch.device("cpu")}, f"checkpoint_{key}.pt")
    torch.save(OrderedDict(net.named_parameters()), "parameters.pt")
    torch.save({"model": net.state_dict(), "epoch": Evil()}, "os_system.pt")
    torch.save(Evil(), "os_system_legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(net, "whole_module.pt")
    torch.jit.script(net).save("torchscript.pt")
    torch.save({"weight": torch.zeros(2, dtype=torch.complex64)}, "complex.pt")
    torch.save({"weight": torch.zeros(1).expand(1000, 1000)}, "expanded.pt")

    save_safetensors(torch.load("dtypes.pt"), "dtypes_safetensors.safetensors")


def save_safetensors(tensors, file):
    """Through the reference implementation (pip install safetensors), which sorts and aligns the data itself."""
    from safetensors.torch import save_file
    save_file({name: t.contiguous().clone() for name, t in tensors.items()}, file, {"format": "pt"})



main()
