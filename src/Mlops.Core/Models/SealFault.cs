namespace Mlops.Models;

/// <summary>Why the seal of a model was not accepted.</summary>
public enum SealFault
{
    /// <summary>There is no seal.</summary>
    Unsealed,

    /// <summary>There are seals, but none of a trusted key.</summary>
    UnknownKey,

    /// <summary>The seal of a trusted key is not that of the model's manifest, or the file of seals cannot be read.</summary>
    WrongSignature,
}
