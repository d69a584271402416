namespace Mlops.Models;

/// <summary>1, or −1, in the bucket that the hash of the text chooses, and 0 elsewhere; all 0 where the text is missing (<c>""</c>). String (rows × 1) → Float32 (rows × buckets).</summary>
/// <remarks>
/// <para>h is MurmurHash3 x86 32-bit with seed 0 of the text's UTF-8 bytes, as a signed number. The bucket is |h| mod buckets. With signs the element is −1 where h is negative.</para>
/// <para>Bucket and sign are those of scikit-learn's <c>FeatureHasher</c> for the same text.</para>
/// </remarks>
/// <param name="Buckets">The number of buckets, ≥ 1.</param>
/// <param name="IsSigned">Whether half of the texts count as −1, so that collisions cancel rather than add up.</param>
public sealed record HashTextOperator(int Buckets, bool IsSigned = false) : GraphOperator;
