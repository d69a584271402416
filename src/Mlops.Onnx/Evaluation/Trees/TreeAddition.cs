namespace Mlops.Onnx;

/// <summary>What the weights of leaves become in the scores of a row.</summary>
internal enum TreeAddition
{
    /// <summary>Anything: the least or the largest one, or scores that some rows may be given no weight for, so that it has to be noted which were.</summary>
    Noted,

    /// <summary>There is one score, and each leaf adds one weight to it.</summary>
    One,

    /// <summary>Each leaf adds weights to some of the scores, and all leaves of a row together to every one.</summary>
    Some,

    /// <summary>Each leaf adds a weight to every score, and holds them in the order of the scores.</summary>
    Every,
}
