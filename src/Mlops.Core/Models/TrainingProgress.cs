using System.Globalization;

namespace Mlops.Models;

/// <summary>How far a training has come.</summary>
/// <param name="Stage">What is being done: <c>fit preprocessing</c>, <c>solve</c>, <c>iteration</c>.</param>
/// <param name="CompletedRatio">The share done, 0..1.</param>
/// <param name="Loss">The current loss, where the algorithm has one.</param>
public readonly record struct TrainingProgress(string Stage, double CompletedRatio, double? Loss = null)
{
    /// <summary>Gets what the training warns of, and what to do; <see langword="null"/> when there is nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>Describes the progress in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Stage}: {CompletedRatio:0.####} done") + (Loss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", loss {loss}") : "") + (Warning is null ? "" : $". {Warning}");
}
