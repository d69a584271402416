using System.Globalization;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Counts the words of a text in a fixed number of buckets by their hash. Learns nothing, so no word is unseen. The last step of a rule.</summary>
/// <remarks>What a word is, and its bucket and sign, are those of <see cref="BagOfWordsOperator"/>.</remarks>
public sealed record BagOfWordsStep : PreprocessingStep
{
    /// <summary>Gets the number of buckets, and of features.</summary>
    /// <value>The default value is 1024.</value>
    public int Buckets { get; init; } = 1024;

    /// <summary>Gets whether half of the words count as −1, so that collisions cancel rather than add up.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsSigned { get; init; }

    internal override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Buckets, 1);

    /// <inheritdoc/>
    public override string ToString() => Describe("bag of words", Buckets.ToString(CultureInfo.InvariantCulture), IsSigned ? "signed" : null);
}
