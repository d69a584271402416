namespace Mlops.Models;

/// <summary>The numbers that a table holds for the row's category: an ordinal or a target encoding. String (rows × 1) → Float32 (rows × width).</summary>
/// <param name="Categories">The categories, shape (n), none of them twice; <c>""</c> cannot be one.</param>
/// <param name="Values">The numbers of each category, shape (n × width).</param>
/// <param name="Missing">The numbers where the text is missing (<c>""</c>), shape (width).</param>
/// <param name="Unseen">The numbers of any other category, shape (width); <see langword="null"/> where such a category makes the prediction fail.</param>
public sealed record TextLookupOperator(string[] Categories, float[][] Values, float[] Missing, float[]? Unseen = null) : GraphOperator;
