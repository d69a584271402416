namespace Mlops.Validation;

/// <summary>What a check of a model needs beside it.</summary>
[Flags]
internal enum ModelNeeds
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>A label in each dataset that is looked at.</summary>
    Label = 1,

    /// <summary>A training and a test set.</summary>
    TestSet = 2,

    /// <summary>A model that tells classes apart.</summary>
    Classes = 4,

    /// <summary>A model that predicts numbers.</summary>
    Numbers = 8,
}
