namespace Mlops.Data;

/// <summary>Counts the bytes of text that a batch holds.</summary>
internal sealed class TextBudget
{
    public long Bytes { get; set; }
}
