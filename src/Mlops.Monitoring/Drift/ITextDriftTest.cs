namespace Mlops.Monitoring;

/// <summary>A drift test on texts: comments, titles, addresses; for texts that are categories, see <see cref="ICategoryDriftTest"/>.</summary>
public interface ITextDriftTest : IDriftTest
{
    /// <summary>Compares two samples of texts.</summary>
    /// <param name="reference">The texts to compare with; <see langword="null"/> counts as missing.</param>
    /// <param name="current">The texts that came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The outcome.</returns>
    DriftResult Test(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, DriftTestOptions? options = null, CancellationToken cancellationToken = default);
}
