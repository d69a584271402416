namespace Mlops.Models;

/// <summary>1 at the position of the row's category and 0 elsewhere. String (rows × 1) → Float32 (rows × n), or (rows × (n + 1)) with an element for other categories.</summary>
/// <remarks>A missing text (<c>""</c>) that is no category itself counts as unseen, but is never refused: it is all 0, or another category.</remarks>
/// <param name="Categories">The categories, shape (n).</param>
/// <param name="Unseen">What a category that is not among them becomes.</param>
public sealed record OneHotTextOperator(string[] Categories, UnseenCategory Unseen = UnseenCategory.AllZeros) : GraphOperator;
