using System.Globalization;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>A dataset that a run used.</summary>
/// <param name="Dataset">The dataset: name, fingerprint, rows, schema.</param>
/// <param name="Context">What it was used for: <c>training</c>, <c>validation</c>, <c>test</c>; empty when that is not said.</param>
public sealed record DatasetInput(DatasetReference Dataset, string Context)
{
    /// <summary>Describes the input in one line, in the invariant culture, without its schema.</summary>
    /// <returns>The description: <c>customers.csv (1000 rows, digest 1f3a5c7e) for training</c>.</returns>
    public override string ToString()
    {
        var digest = Dataset.Digest.Length > 8 ? Dataset.Digest[..8] : Dataset.Digest;
        return string.Create(CultureInfo.InvariantCulture, $"{Dataset.Name} ({Dataset.RowCount} rows, digest {digest}){(Context.Length == 0 ? "" : " for ")}{Context}");
    }
}
