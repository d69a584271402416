using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;

namespace Mlops.Training;

/// <summary>Fits preprocessing to training data: impute, standardise, one-hot, day of the week.</summary>
/// <remarks>
/// Columns are chosen by role: features, and the time for date parts. Numbers and booleans are imputed and standardised, texts one-hot encoded (categories
/// never seen give zeros), dates turned into the day of the week and one-hot encoded. Statistics are exact, in 64-bit floating point, in one pass.
/// </remarks>
public static class Preprocessor
{
    private static readonly string[] s_days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    /// <summary>Fits preprocessing.</summary>
    /// <param name="dataset">The training data.</param>
    /// <param name="options">How features are made ready.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The fitted preprocessing.</returns>
    /// <exception cref="EntityNotFoundException">No column can be a feature.</exception>
    /// <exception cref="DataFormatException">There are no rows, a number is infinite, or a column of numbers or texts has no value at all.</exception>
    public static async Task<FittedPreprocessor> FitAsync(IDataset dataset, PreprocessingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new PreprocessingOptions();
        var columns = dataset.Schema.Where(column => IsUsed(column, options)).ToArray();
        if (columns.Length == 0)
            throw new EntityNotFoundException("column", nameof(ColumnRole.Feature), $"{dataset.Name} has no column that can be a feature: give the role Feature to a numeric, boolean or text column.");
        var statistics = columns.Select(column => new ColumnStatistics(column)).ToArray();
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [.. columns.Select(column => column.Name)] }, cancellationToken).ConfigureAwait(false))
        {
            rows += batch.RowCount;
            for (var i = 0; i < statistics.Length; i++) statistics[i].Add(batch[i]);
        }

        if (rows == 0) throw NoRows.In(dataset);

        // Dates and texts are inputs under their own names; numbers share one.
        var builder = new GraphParts(new TensorNames(columns.Where(column => !column.Type.IsNumeric()).Select(column => column.Name)));
        AddNumbers(builder, dataset, [.. statistics.Where(column => column.Moments is not null)], options);
        foreach (var column in statistics)
        {
            if (column.Schema.Type == ElementType.Date) AddDate(builder, column.Schema.Name);
            else if (column.Counts is { } counts) AddText(builder, dataset, column.Schema.Name, counts, options);
        }

        return builder.Build();
    }

    private static bool IsUsed(ColumnSchema column, PreprocessingOptions options)
    {
        if (column.Width != 1) return false;
        if (column.Type == ElementType.Date) return options.DayOfWeek && column.Role is ColumnRole.Feature or ColumnRole.Time;
        return column.Role == ColumnRole.Feature && (column.Type.IsNumeric() || column.Type == ElementType.String);
    }

    private static void AddNumbers(GraphParts parts, IDataset dataset, ColumnStatistics[] columns, PreprocessingOptions options)
    {
        if (columns.Length == 0) return;
        foreach (var column in columns) CheckNumbers(dataset, column);
        var names = columns.Select(column => column.Schema.Name).ToArray();
        var current = parts.Names.Take(FittedPreprocessor.NumericInputName);
        parts.Inputs.Add(TensorSpec.Of<float>(current, columns.Length, names));
        var replacements = columns.Select(column => (float)(options.Imputation == NumericImputation.Mean ? column.Moments!.Mean : options.ImputationConstant)).ToArray();
        current = parts.Add(new ImputeOperator(replacements), current, "numeric_imputed");
        if (options.Standardize)
        {
            var moments = columns.Select((column, i) => AfterImputation(column, replacements[i])).ToArray();
            // A constant column carries nothing; scaled by 1 it stays 0 for every value seen in training.
            var scales = moments.Select(m => m.StandardDeviation > 0 ? (float)(1 / m.StandardDeviation) : 1f).ToArray();
            current = parts.Add(new ScaleOperator([.. moments.Select(m => (float)m.Mean)], scales), current, "numeric_scaled");
        }

        parts.AddFeatures(current, names);
    }

    /// <summary>Mean and deviation of the column as the next step sees it, with its missing values replaced.</summary>
    private static (double Mean, double StandardDeviation) AfterImputation(ColumnStatistics column, double replacement)
    {
        var present = column.Moments!;
        var total = (double)present.Count + column.MissingCount;
        var mean = ((present.Mean * present.Count) + (replacement * column.MissingCount)) / total;
        var squares = (present.Variance + Square(present.Mean - mean)) * present.Count;
        squares += Square(replacement - mean) * column.MissingCount;
        return (mean, Math.Sqrt(squares / total));
    }

    private static double Square(double value) => value * value;

    private static void CheckNumbers(IDataset dataset, ColumnStatistics column)
    {
        if (column.Moments!.Count == 0)
            throw Empty(dataset, column.Schema.Name);
        if (!double.IsFinite(column.Moments.Minimum) || !double.IsFinite(column.Moments.Maximum))
            throw new DataFormatException(dataset.Name, 0, column.Schema.Name, "A value is infinite. Remove or cap it, or give the column the role Ignored.");
    }

    private static DataFormatException Empty(IDataset dataset, string column)
        => new(dataset.Name, 0, column, "The column has no value at all. Leave it out: give it the role Ignored.");

    private static void AddDate(GraphParts parts, string column)
    {
        parts.Inputs.Add(TensorSpec.Of<long>(column, 1, column));
        var day = parts.Add(new DayOfWeekOperator(), column, $"{column}_day_of_week");
        var encoded = parts.Add(new OneHotOperator([0, 1, 2, 3, 4, 5, 6]), day, $"{column}_one_hot");
        parts.AddFeatures(encoded, s_days.Select(name => $"{column}={name}"));
    }

    private static void AddText(GraphParts parts, IDataset dataset, string column, ValueCounts counts, PreprocessingOptions options)
    {
        var ordered = counts.GetOrdered();
        if (ordered.Count == 0) throw Empty(dataset, column);
        parts.Inputs.Add(TensorSpec.Of<string>(column, 1, column));
        var current = column;
        if (options.MissingCategory == MissingCategory.MostFrequent)
            current = parts.Add(new ImputeTextOperator(ordered[0].Key), current, $"{column}_imputed");
        var categories = ordered.Take(options.MaxCategories).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToArray();
        current = parts.Add(new OneHotTextOperator(categories), current, $"{column}_one_hot");
        parts.AddFeatures(current, categories.Select(category => $"{column}={category}"));
    }

    private sealed class ColumnStatistics(ColumnSchema schema)
    {
        private double[] _numbers = [];

        public ColumnSchema Schema => schema;

        public MomentsSketch? Moments { get; } = schema.Type.IsNumeric() ? new MomentsSketch() : null;

        public ValueCounts? Counts { get; } = schema.Type == ElementType.String ? new ValueCounts(100_000) : null;

        public long MissingCount { get; private set; }

        public void Add(Column column)
        {
            if (Moments is not null)
            {
                if (_numbers.Length < column.Length) _numbers = new double[column.Length];
                var before = Moments.Count;
                ColumnNumbers.CopyTo(column, 0, _numbers.AsSpan(0, column.Length));
                Moments.Add(_numbers.AsSpan(0, column.Length));
                MissingCount += column.Length - (Moments.Count - before);
            }
            else if (Counts is not null)
            {
                var text = (TextColumn)column;
                for (var row = 0; row < text.Length; row++)
                {
                    // "" and missing are one: a text tensor cannot tell them apart.
                    if (text.GetString(row) is { Length: > 0 } value) Counts.Add(value, 1);
                }
            }
        }
    }

    /// <summary>Collects the inputs, nodes and feature names of a preprocessing.</summary>
    private sealed class GraphParts(TensorNames names)
    {
        private readonly List<GraphNode> _nodes = [];
        private readonly List<string> _blocks = [];
        private readonly List<string> _featureNames = [];

        public TensorNames Names => names;

        public List<TensorSpec> Inputs { get; } = [];

        public string Add(GraphOperator step, string input, string name)
        {
            var output = names.Take(name);
            _nodes.Add(new GraphNode(step, [input], [output]));
            return output;
        }

        public void AddFeatures(string block, IEnumerable<string> featureNames)
        {
            _blocks.Add(block);
            _featureNames.AddRange(featureNames);
        }

        public FittedPreprocessor Build()
        {
            _nodes.Add(new GraphNode(new ConcatOperator(), _blocks, [names.Take("features")]));
            return new FittedPreprocessor(Inputs, _nodes, _featureNames);
        }
    }
}
