namespace Mlops.Onnx;

/// <summary>What a session gives for an output.</summary>
internal enum SessionOutputKind
{
    /// <summary>A tensor.</summary>
    Tensor,

    /// <summary>A sequence of tensors of one shape, which are stacked.</summary>
    TensorSequence,

    /// <summary>A sequence of tensors of one shape that have rows, which are stacked row by row.</summary>
    RowSequence,

    /// <summary>A sequence of maps with as many keys each, which become a tensor of their values and one of their keys.</summary>
    MapSequence,
}

/// <summary>An output of a session.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What the session gives.</param>
/// <param name="Slot">The slot of the signature that takes it; that behind it takes the keys of maps.</param>
internal readonly record struct SessionOutput(string Name, SessionOutputKind Kind, int Slot);
