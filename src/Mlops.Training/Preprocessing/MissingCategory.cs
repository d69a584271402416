namespace Mlops.Training;

/// <summary>What stands where a text is missing.</summary>
public enum MissingCategory
{
    /// <summary>A category like one never seen: all zeros.</summary>
    AsUnseen,

    /// <summary>The most frequent category of the training data.</summary>
    MostFrequent,
}
