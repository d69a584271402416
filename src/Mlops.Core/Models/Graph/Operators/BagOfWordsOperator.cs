namespace Mlops.Models;

/// <summary>How often the words of a text fall into each bucket of a hash; all 0 where there is no word. String (rows × 1) → Float32 (rows × buckets).</summary>
/// <remarks>
/// <para>The letters A to Z become a to z; no other character changes. A word is then a longest run of the letters a to z, the digits 0 to 9 and characters
/// beyond ASCII (U+0080 and above); everything else separates words.</para>
/// <para>Bucket and sign of each word are those of <see cref="HashTextOperator"/>.</para>
/// </remarks>
/// <param name="Buckets">The number of buckets, ≥ 1.</param>
/// <param name="IsSigned">Whether half of the words count as −1, so that collisions cancel rather than add up.</param>
public sealed record BagOfWordsOperator(int Buckets, bool IsSigned = false) : GraphOperator;
