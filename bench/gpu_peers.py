#!/usr/bin/env python3
"""What others need for the same networks on this GPU, beside rows of gpu_networks.py.

  gpu_peers.py [--octet ROWS.json] [--profiles DIR] [--output PEERS.json]
  gpu_peers.py --layers LAYERS.json [--cutlass CUTLASS.json]

Runs ResNet18, ResNet50 and MobileNetV2 in PyTorch: fp16, channels_last, torch.compile, replayed as
a CUDA graph, batch normalisation already folded into the convolutions, softmax out, input on the
device: the same work as Octet's, in its best ordinary form. With --octet the ratio to its rows is
printed; with --profiles (reports of gpu_networks.py --profiles made with --numerics fast, or any
that timed cuDNN's plans) the ratio per convolution to cuDNN's best plan. The second form compares,
of the lines of octet_conv_layers --numerics fast, our best kernels with cuDNN's best plans, and with
the lines of bench/cutlass (octet_cutlass_conv), and ends there.
"""
import argparse
import json
import math
import pathlib
import statistics
import sys

RUNS = [("resnet18", 128), ("resnet50", 128), ("mobilenet_v2", 128), ("resnet50", 1)]


def networks(torch):
    nn = torch.nn

    def conv(c, k, size, stride=1, groups=1, act=None):
        layers = [nn.Conv2d(c, k, size, stride, size // 2, groups=groups)]
        return nn.Sequential(*layers, act()) if act else layers[0]

    class Residual(nn.Module):
        def __init__(self, body, shortcut, act):
            super().__init__()
            self.body, self.shortcut, self.act = body, shortcut, act

        def forward(self, x):
            y = self.body(x) + (x if self.shortcut is None else self.shortcut(x))
            return torch.relu(y) if self.act else y

    def resnet(blocks, bottleneck):
        layers = [conv(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
        c = 64
        for stage, count in enumerate(blocks):
            width = 64 << stage
            out = width * (4 if bottleneck else 1)
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                if bottleneck:
                    body = nn.Sequential(conv(c, width, 1, act=nn.ReLU),
                                         conv(width, width, 3, stride, act=nn.ReLU), conv(width, out, 1))
                else:
                    body = nn.Sequential(conv(c, width, 3, stride, act=nn.ReLU), conv(width, out, 3))
                shortcut = conv(c, out, 1, stride) if stride > 1 or c != out else None
                layers.append(Residual(body, shortcut, True))
                c = out
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 1000),
                             nn.Softmax(1))

    def mobilenet_v2():
        layers, c = [conv(3, 32, 3, 2, act=nn.ReLU6)], 32
        for t, out, count, first in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                     (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
            for block in range(count):
                stride = first if block == 0 else 1
                body = [conv(c, c * t, 1, act=nn.ReLU6)] if t > 1 else []
                body += [conv(c * t, c * t, 3, stride, c * t, nn.ReLU6), conv(c * t, out, 1)]
                body = nn.Sequential(*body)
                layers.append(Residual(body, None, False) if stride == 1 and c == out else body)
                c = out
        return nn.Sequential(*layers, conv(c, 1280, 1, act=nn.ReLU6), nn.AdaptiveAvgPool2d(1),
                             nn.Flatten(), nn.Linear(1280, 1000), nn.Softmax(1))

    return {"resnet18": lambda: resnet([2, 2, 2, 2], False),
            "resnet50": lambda: resnet([3, 4, 6, 3], True), "mobilenet_v2": mobilenet_v2}


def time_torch(torch, make, batch, iterations):
    """Milliseconds of each replay."""
    torch.manual_seed(1)
    model = make().cuda().half().eval().to(memory_format=torch.channels_last)
    data = torch.rand(batch, 3, 224, 224, device="cuda").half().to(memory_format=torch.channels_last)
    with torch.no_grad():
        compiled = torch.compile(model)
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):
            for _ in range(5):
                compiled(data)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            compiled(data)
        times = []
        for i in range(iterations + 20):
            start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            graph.replay()
            stop.record()
            stop.synchronize()
            if i >= 20:
                times.append(start.elapsed_time(stop))
    return times


def compare_with_cudnn(profiles):
    """Ratio of cuDNN's best plan to our kernel, per distinct convolution of the reports."""
    best = {}
    for file in sorted(profiles.glob("*.json")):
        for step in json.loads(file.read_text())["steps"]:
            times = [(c["ms"], c["kernel"]) for c in step["candidates"] if c.get("ms") is not None]
            cudnn = [t for t in times if t[1].startswith("cudnn_")]
            ours = [t for t in times if not t[1].startswith("cudnn_")]
            if step["op"] == "conv2d" and cudnn and ours:
                best[step["problem"]] = (min(ours), min(cudnn))
    for problem, (ours, cudnn) in best.items():
        print(f"{cudnn[0] / ours[0]:6.2f}x  {1e3 * ours[0]:8.2f} us {ours[1]}  {1e3 * cudnn[0]:8.2f} us {cudnn[1]}\n"
              f"         {problem}")
    if best:
        print_mean([cudnn[0] / ours[0] for ours, cudnn in best.values()], "cuDNN's best plan")
    else:
        print("no convolution of these reports has a time of cuDNN", file=sys.stderr)


def lines_of(file):
    """Lines as the programs print them, or a file of bench/results that holds them as its rows."""
    text = file.read_text()
    try:
        whole = json.loads(text)
        return whole.get("rows", [whole])
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def print_mean(ratios, peer):
    mean = math.exp(statistics.mean(math.log(ratio) for ratio in ratios))
    print(f"geometric mean over {len(ratios)} convolutions: {mean:.2f}x {peer}")


def fastest(lines):
    """The fastest line of each layer."""
    best = {}
    for line in lines:
        if line["us"] > 0 and line["us"] < best.get(line["layer"], {"us": math.inf})["us"]:
            best[line["layer"]] = line
    return best


def compare_layers(ours, theirs, peer):
    """Ratio of a peer's fastest kernel to ours, per layer that both have timed."""
    ratios = []
    for layer in sorted(ours.keys() & theirs.keys()):
        our, their = ours[layer], theirs[layer]
        ratios.append(their["us"] / our["us"])
        print(f"{ratios[-1]:6.2f}x  {layer:20} {our['us']:8.2f} us {our['kernel']}  "
              f"{their['us']:8.2f} us {their['kernel']}")
    if ratios:
        print_mean(ratios, peer)


def compare_single_layers(layers, cutlass):
    lines = lines_of(layers)
    is_cudnn = lambda line: line["kernel"].startswith("cudnn_")
    ours = fastest(line for line in lines if not is_cudnn(line))
    compare_layers(ours, fastest(filter(is_cudnn, lines)), "cuDNN's best plan")
    if cutlass:
        compare_layers(ours, fastest(lines_of(cutlass)), "CUTLASS's best tile")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--octet", type=pathlib.Path, help="rows of gpu_networks.py")
    parser.add_argument("--profiles", type=pathlib.Path, help="reports of gpu_networks.py")
    parser.add_argument("--cutlass", type=pathlib.Path, help="lines of octet_cutlass_conv")
    parser.add_argument("--layers", type=pathlib.Path, help="lines of octet_conv_layers")
    parser.add_argument("--output", type=pathlib.Path, help="write PyTorch's rows here")
    parser.add_argument("--iter", type=int, default=200)
    parser.add_argument("--only", help="NETWORK or NETWORK:BATCH; others are left out")
    options = parser.parse_args()
    if options.layers:
        return compare_single_layers(options.layers, options.cutlass)
    ours = json.loads(options.octet.read_text()) if options.octet else []
    if options.profiles:
        compare_with_cudnn(options.profiles)

    try:
        import torch
    except ImportError:
        sys.exit("gpu_peers.py: PyTorch is not installed here")
    makers, rows = networks(torch), []
    for network, batch in RUNS:
        if options.only and options.only not in (network, f"{network}:{batch}"):
            continue
        times = time_torch(torch, makers[network], batch, options.iter)
        rows.append({"network": network, "batch": batch, "layout": "nhwc",
                     "backend": f"torch {torch.__version__} fp16 channels_last compile, CUDA graph",
                     "device_ms_median": statistics.median(times), "device_ms_min": min(times),
                     "samples": len(times), "gpu": torch.cuda.get_device_name()})
        line = f"{network:14} b{batch:<4} torch fp16 {rows[-1]['device_ms_median']:.4f} ms"
        for row in ours:
            if (row["network"], row["batch"]) == (network, batch):
                ratio = rows[-1]["device_ms_median"] / row["device_ms_median"]
                line += f"; {row['layout']} {row['device_ms_median']:.4f} ms = {ratio:.2f}x faster"
        print(line, flush=True)
    if options.output:
        options.output.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
