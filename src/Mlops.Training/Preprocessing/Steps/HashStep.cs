using System.Globalization;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Puts each text into one of a fixed number of buckets by its hash: 1 in its bucket, 0 elsewhere, all 0 for a missing text. Learns nothing, so no category is unseen. The last step of a rule.</summary>
/// <remarks>The bucket and the sign are those of <see cref="HashTextOperator"/>.</remarks>
public sealed record HashStep : PreprocessingStep
{
    /// <summary>Gets the number of buckets, and of features.</summary>
    /// <value>The default value is 256.</value>
    public int Buckets { get; init; } = 256;

    /// <summary>Gets whether half of the texts count as −1, so that collisions cancel rather than add up.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsSigned { get; init; }

    internal override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Buckets, 1);

    /// <inheritdoc/>
    public override string ToString() => Describe("hash", Buckets.ToString(CultureInfo.InvariantCulture), IsSigned ? "signed" : null);
}
