namespace Mlops.Evaluation;

/// <summary>What finding an item of a relevance is worth.</summary>
public enum RankingGain
{
    /// <summary>The relevance itself.</summary>
    Linear,

    /// <summary>2^relevance − 1.</summary>
    Exponential,
}
