using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for rows that lie apart from all others, by their local outlier probability (LoOP).</summary>
/// <remarks>
/// <para>
/// From a sample, of at most <see cref="MaximumRows"/> rows and 100 at least: each row is compared with every other, which takes about a second for 5,000 rows of 20 columns. All features count, numbers and
/// categories alike (Gower's distance); columns of vectors are left out.
/// </para>
/// <para>A warning by default: data have outliers, and a look at them is what it asks for. Sources: H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, "LoOP: local outlier probabilities", CIKM 2009; the limits are those of deepchecks.</para>
/// </remarks>
public sealed class OutlierSamplesCheck() : DataIntegrityCheck("outlier_samples", ValidationSeverity.Warning)
{
    private const int FewestRows = 100;
    private const int FewestNeighbours = 5;

    /// <inheritdoc/>
    public override string Description => "Do rows lie apart from all others?";

    /// <summary>Gets the largest share of the sampled rows that are outliers, 0..1.</summary>
    /// <value>The default value is 0.005.</value>
    public double MaximumRatio { get; init; } = 0.005;

    /// <summary>Gets the probability, 0..1, above which a row is an outlier.</summary>
    /// <value>The default value is 0.7.</value>
    public double MinimumProbability { get; init; } = 0.7;

    /// <summary>Gets the share of the rows, 0..1, that are a row's neighbours: the size of the largest group that is still one of outliers.</summary>
    /// <value>The default value is 0.01; 5 rows at least.</value>
    public double NeighboursRatio { get; init; } = 0.01;

    /// <summary>Gets by how many standard deviations a distance is off to be unlikely.</summary>
    /// <value>The default value is 3.</value>
    public double Extent { get; init; } = 3;

    /// <summary>Gets the largest number of rows that are compared.</summary>
    /// <value>The default value is 5,000 rows.</value>
    public int MaximumRows { get; init; } = 5000;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private protected override string? FindObstacle(DataSchema schema) => FindColumns(schema).Length == 0 ? "No column of one value a row has the role Feature." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(OutlierSamplesCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var sample = SampleRows.Take(context.GetSample(check.Part), check.MaximumRows, context.Subject.Seed);
            var rows = sample.RowCount;
            if (rows < FewestRows) return NotApplicable($"It takes {FewestRows} rows at least; there are {rows}.");
            var neighbours = Math.Clamp((int)(check.NeighboursRatio * rows), FewestNeighbours, rows - 1);
            var probabilities = LocalOutlierProbability.Measure([.. check.FindColumns(schema).Select(index => sample[index])], rows, neighbours, check.Extent, cancellationToken);
            var outliers = probabilities.Count(probability => probability > check.MinimumProbability);
            var measured = CheckText.Share(outliers, rows, "sampled rows");
            return Result(
                $"{measured} are outliers; the highest probability is {CheckText.Number(probabilities.Max())}.",
                $"at most {CheckText.Percent(check.MaximumRatio)} of the rows are outliers with a probability above {CheckText.Limit(check.MinimumProbability)}",
                outliers <= check.MaximumRatio * rows,
                measured) with
            {
                Values = new Dictionary<string, double?> { ["outlier_ratio"] = (double)outliers / rows, ["largest_probability"] = probabilities.Max(), ["sampled_rows"] = rows },
            };
        }
    }
}
