using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for rows that lie apart from all others, by their local outlier probability (LoOP).</summary>
/// <remarks>
/// <para>
/// From a sample, of at most <see cref="MaximumRows"/> rows and 100 at least: each row is compared with every other, which takes about two seconds for 4,500 rows of 13 columns. All features count, numbers and
/// categories alike (Gower's distance); columns of vectors are left out.
/// </para>
/// <para>
/// It shows how many there are, and has no condition until <see cref="MaximumRatio"/> is set: samples of normal, uniform and log-normal numbers have up to 3 % of rows above 0.7 by themselves, so that no
/// limit suits all data. A limit just above what good data of the same kind have finds those that are worse; it is a warning by default.
/// </para>
/// <para>Source: H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, "LoOP: local outlier probabilities", CIKM 2009; the other defaults are those of deepchecks.</para>
/// </remarks>
public sealed class OutlierSamplesCheck() : DataIntegrityCheck("outlier_samples", ValidationSeverity.Warning)
{
    private const int FewestRows = 100;
    private const int FewestNeighbours = 5;

    /// <inheritdoc/>
    public override string Description => "Do rows lie apart from all others?";

    /// <summary>Gets the largest share of the sampled rows that are outliers, 0..1; <see langword="null"/> for no condition.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumRatio { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; }

    /// <summary>Gets the probability, 0..1, above which a row is an outlier.</summary>
    /// <value>The default value is 0.7.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumProbability { get; init => field = CheckLimit.Ratio(value); } = 0.7;

    /// <summary>Gets the share of the rows, 0..1, that are a row's neighbours: the size of the largest group that is still one of outliers.</summary>
    /// <value>The default value is 0.01; 5 rows at least.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double NeighboursRatio { get; init => field = CheckLimit.Ratio(value); } = 0.01;

    /// <summary>Gets by how many standard deviations a distance is off to be unlikely.</summary>
    /// <value>The default value is 3.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double Extent { get; init => field = CheckLimit.NotNegative(value); } = 3;

    /// <summary>Gets the largest number of rows that are compared.</summary>
    /// <value>The default value is 5,000 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaximumRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 5000;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private protected override string? FindObstacle(DataSchema schema) => FindColumns(schema).Length == 0 ? "No column of one value a row has the role Feature." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(OutlierSamplesCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        private static readonly double[] s_steps = [0.5, 0.7, 0.9, 0.95, 0.99];

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var sample = SampleRows.Take(context.GetSample(check.Part), check.MaximumRows, context.Subject.Seed);
            var rows = sample.RowCount;
            if (rows < FewestRows) return NotApplicable($"It takes {FewestRows} rows at least; there are {rows}.");
            var neighbours = Math.Clamp((int)(check.NeighboursRatio * rows), FewestNeighbours, rows - 1);
            var probabilities = LocalOutlierProbability.Measure([.. check.FindColumns(schema).Select(index => sample[index])], rows, neighbours, check.Extent, cancellationToken);
            var outliers = probabilities.Count(probability => probability > check.MinimumProbability);
            var measured = CheckText.Share(outliers, rows, "sampled rows");
            var summary = $"{measured} are outliers; the highest probability is {CheckText.Number(probabilities.Max())}.";
            var result = check.MaximumRatio is { } maximum
                ? Result(summary, $"at most {CheckText.Percent(maximum)} of the rows are outliers with a probability above {CheckText.Limit(check.MinimumProbability)}", outliers <= maximum * rows, measured)
                : new CheckResult(check.Name, summary, []);
            return result with
            {
                Values = new Dictionary<string, double?> { ["outlier_ratio"] = (double)outliers / rows, ["largest_probability"] = probabilities.Max(), ["sampled_rows"] = rows },
                Tables = [new CheckTable("Outlier probabilities", ["Above", "Rows", "Share"], [.. s_steps.Select(step => (step, Count: probabilities.Count(probability => probability > step)))
                    .Select(item => (IReadOnlyList<string>)[CheckText.Limit(item.step), Wording.Count(item.Count), CheckText.Percent((double)item.Count / rows)])])],
            };
        }
    }
}
