using System.Globalization;

namespace Mlops.Training;

/// <summary>Makes a number of each category: the mean of the label in its rows, drawn towards the mean of all rows. Steps for numbers may follow.</summary>
/// <remarks>
/// <para>A category of weight w (the sum of its rows' weights) and mean m becomes (w·m + s·a) ÷ (w + s), where s is <see cref="Smoothing"/> and a the mean of all rows. An unseen category
/// becomes a. Missing texts are a category. Rows without a label, or of weight 0, do not count.</para>
/// <para>What a model learns from its own label would look better than it is. So a trainer sees each training row with the numbers fitted to the rows of the other folds; the
/// model itself has those fitted to all rows. The fold of a row is drawn by <see cref="Seed"/> and the row's position in the dataset.</para>
/// <para>Source: D. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in classification and prediction problems", SIGKDD Explorations 3(1), 2001; the
/// weight w ÷ (w + s) is that of scikit-learn's <c>TargetEncoder</c> with a number as <c>smooth</c>.</para>
/// </remarks>
public sealed record TargetEncodeStep : PreprocessingStep
{
    /// <summary>Gets how many rows the mean of all rows weighs, ≥ 0.</summary>
    /// <value>The default value is 10.</value>
    public double Smoothing { get; init; } = 10;

    /// <summary>Gets the number of folds, ≥ 2.</summary>
    /// <value>The default value is 5.</value>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the seed that draws the folds.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets how the label is read.</summary>
    /// <value>The default value is <see cref="TargetKind.Auto"/>.</value>
    public TargetKind Target { get; init; } = TargetKind.Auto;

    internal override void Check()
    {
        if (!(Smoothing >= 0) || !double.IsFinite(Smoothing)) throw new ArgumentOutOfRangeException(nameof(Smoothing), Smoothing, "The smoothing must be 0 or a positive number.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Folds, 1000);
    }

    /// <inheritdoc/>
    public override string ToString() => Describe(
        "target", $"smoothing {Text(Smoothing)}", string.Create(CultureInfo.InvariantCulture, $"{Folds} folds"), string.Create(CultureInfo.InvariantCulture, $"seed {Seed}"),
        Target switch { TargetKind.Number => "of a number", TargetKind.Classes => "of classes", _ => null });
}
