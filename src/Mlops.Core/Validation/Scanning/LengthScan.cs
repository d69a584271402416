using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for texts that are too short or too long.</summary>
internal sealed class LengthScan(LengthConstraint constraint, ColumnSchema column, int rowsShown) : TextScan<LengthConstraint>(constraint, column, rowsShown)
{
    private readonly int _minimum = constraint.Minimum ?? 0;
    private readonly int _maximum = constraint.Maximum ?? int.MaxValue;

    public override ValidationFinding? Finish()
        => IsWithin(Constraint.MinimumRatio) ? null : Found(AnomalyKind.LengthOutOfRange, $"{Share("texts")} are too short or too long; {Constraint} expected.");

    protected override bool IsRight(ReadOnlySpan<byte> utf8) => TextLength.Of(utf8) is var length && length >= _minimum && length <= _maximum;
}
