namespace Mlops.Validation;

/// <summary>A place of a UTF-8 text that looks like personal data.</summary>
internal readonly record struct PiiHit(PiiKind Kind, int Start, int End, double Confidence)
{
    public int Length => End - Start;
}
