namespace Mlops.Serving;

/// <summary>One batch that a new generation predicts before it serves.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Shape">The declared shape; <see langword="null"/> where the rows say all.</param>
/// <param name="Index">Which of the declared shapes it is, from 0.</param>
internal sealed record WarmUpBatch(int Rows, WarmUpShape? Shape = null, int Index = 0)
{
    /// <summary>Describes the batch, as in error messages: <c>8 rows, tokens [128]</c>.</summary>
    public override string ToString()
        => string.Join(", ", [Wording.Count(Rows, "row"), .. (Shape?.Inputs ?? new Dictionary<string, IReadOnlyList<int>>()).Select(input => $"{input.Key} [{string.Join(", ", input.Value)}]")]);
}
