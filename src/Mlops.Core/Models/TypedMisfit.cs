namespace Mlops.Models;

/// <summary>Says that the types of rows do not fit a model, and how they would.</summary>
internal static class TypedMisfit
{
    /// <summary>What to do about it, without the end of the sentence.</summary>
    public const string Remedy = "Correct the types of rows: [TensorColumn(\"…\")] names a column, [TensorRow(Tensor = \"…\")] the one tensor that several of them belong to";

    /// <summary>Says it of a pair of types.</summary>
    /// <param name="model">The model, as in <c>the model 'fares'</c>.</param>
    /// <param name="difference">What the types expect, and what the model has.</param>
    public static string Describe<TInput, TOutput>(string model, string difference)
        => $"{typeof(TInput).Name} and {typeof(TOutput).Name} do not fit {model}, which is not as they expect: {difference}. {Remedy}.";
}
