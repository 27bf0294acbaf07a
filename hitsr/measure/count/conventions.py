"""Counts by conventions that printed figures follow here and there: layers alone, and another width of the input."""

import math

from torch import Tensor, nn

from hitsr.measure.count.counters import by_shapes, by_torch
from hitsr.measure.count.left_out import on_shapes

PRODUCTS = (nn.modules.conv._ConvNd, nn.Linear)
NORMS = (nn.LayerNorm, nn.modules.batchnorm._BatchNorm, nn.GroupNorm)


def parameters_of_layers(model: nn.Module) -> int:
    """Parameters of convolutions, linear layers, norms of PyTorch and PReLU, as thop counts them.

    Embeddings, norms of a network's own and single parameters, such as a temperature, are none of them.
    """
    layers = [module for module in model.modules() if isinstance(module, (*PRODUCTS, *NORMS, nn.PReLU))]
    own = {id(parameter): parameter for layer in layers for parameter in layer.parameters(recurse=False)}
    return sum(parameter.numel() for parameter in own.values())


def by_layers(model: nn.Module, image: Tensor) -> int:
    """MACs of convolutions and linear layers by their modules, as thop counts those.

    Products that are written as `@` or by functions are not seen; thop adds norms and average pooling of modules.
    """
    return on_shapes(_of_modules, model, image)


def _of_modules(model: nn.Module, image: Tensor) -> int:
    macs = 0

    def noting(module: nn.Module, inputs: tuple, output: Tensor) -> None:
        nonlocal macs
        assert isinstance(module, PRODUCTS)
        macs += output.numel() * module.weight[0].numel()

    hooks = [module.register_forward_hook(noting) for module in model.modules() if isinstance(module, PRODUCTS)]
    try:
        model(image)
    finally:
        for hook in hooks:
            hook.remove()
    return macs


def rows(model: nn.Module, image: Tensor, scale: int, output: tuple[int, int]) -> list[dict]:
    """Rows of the long table, from shapes alone where the network runs so.

    Args:
        image: `(1, 3, H, W)`, the output's size over the scale, rounded up.
        output: width and height of the super-resolved image. Where the scale does not divide it, MACs are counted for
            the input rounded down too.
    """
    height, width = image.shape[2:]
    where = {"input": f"{width}x{height}", "implementation": "reference"}
    found = [
        {"quantity": "parameters_layers", "unit": "", "value": parameters_of_layers(model)},
        {**where, "quantity": "macs_layers", "unit": "MACs", "value": by_layers(model, image)},
    ]
    low = tuple(math.floor(side / scale) for side in output)
    if low != (width, height):
        smaller = image[:, :, : low[1], : low[0]]
        where["input"] = f"{low[0]}x{low[1]}"
        counts = {"fvcore": by_shapes(model, smaller).macs, "torch": by_torch(model, smaller).macs}
        counts["layers"] = by_layers(model, smaller)
        for name, value in counts.items():
            found.append({**where, "quantity": f"macs_{name}_floor", "unit": "MACs", "value": value})
    return found
