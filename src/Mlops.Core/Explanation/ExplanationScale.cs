namespace Mlops.Explanation;

/// <summary>What attributions add up to.</summary>
public enum ExplanationScale
{
    /// <summary>The number that the model gives: a predicted number, or a probability.</summary>
    Prediction,

    /// <summary>The logarithm of the odds of a class, in nats: of two classes ln(p / (1 − p)); of more the class's score before the softmax.</summary>
    LogOdds,
}
