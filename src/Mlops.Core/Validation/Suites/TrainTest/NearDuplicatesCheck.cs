using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that few texts of the test set are nearly those of the training set: the same article with another headline, the same complaint with another greeting.</summary>
/// <remarks>
/// <para>
/// The texts of a row are taken together, without case and punctuation, and compared by the share of common runs of 5 characters (Jaccard). Likely pairs are found by MinHash, which misses
/// one in a thousand at most at the threshold and fewer above; each is then compared exactly, so that none is found that is not there. Equal texts are near duplicates as well.
/// </para>
/// <para>
/// Not in <see cref="ValidationSuite.TrainTest"/>, since it takes long: about 0.1 ms a row of 100 characters. Streams the test set; keeps the texts of the training set, about 2 KB for each of 100 characters, of at
/// most <see cref="MaximumTrainRows"/> rows, each equally likely.
/// </para>
/// </remarks>
public sealed class NearDuplicatesCheck : IValidationCheck
{
    private const int FreeTextLength = 20;

    /// <summary>Gets the share of common pieces from which texts are near duplicates, above 0 and at most 1.</summary>
    /// <value>The default value is 0.8.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumSimilarity { get; init => field = CheckLimit.Ratio(value); } = 0.8;

    /// <summary>Gets the largest share of test rows that are near duplicates of training rows.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.05;

    /// <summary>Gets the columns of texts to compare; <see langword="null"/> for the features that are texts of at least 20 characters on average in the training set.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Gets the number of characters below which the texts of a row are too short to tell.</summary>
    /// <value>The default value is 20.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumCharacters { get; init => field = CheckLimit.AtLeast(value, 0); } = 20;

    /// <summary>Gets the largest number of training rows that are kept.</summary>
    /// <value>The default value is 100,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaximumTrainRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 100_000;

    /// <inheritdoc/>
    public string Name => "near_duplicates";

    /// <inheritdoc/>
    public string Description => "Are texts of the test set nearly those of the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject) ?? (Pair(subject).Count == 0 ? "The two datasets have no columns of texts in common." : null);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MinimumSimilarity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinimumSimilarity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumTrainRows, 1);
        return new Scan(this, Pair(context.Subject), context.Subject.Seed);
    }

    private IReadOnlyList<PairedColumn> Pair(ValidationSubject subject)
        => [.. PairedColumns.Create(subject, Columns, column => column.Role == ColumnRole.Feature && column.Type == ElementType.String).Columns.Where(column => column.IsText)];

    private sealed class Scan : TrainTestScan
    {
        private readonly NearDuplicatesCheck _check;
        private readonly IReadOnlyList<PairedColumn> _columns;
        private readonly DataSchema _schema;
        private readonly RowReservoir _train;
        private readonly long[] _bytes;
        private readonly long[] _present;
        private Learned? _learned;
        private long _compared;
        private long _duplicates;

        public Scan(NearDuplicatesCheck check, IReadOnlyList<PairedColumn> columns, ulong seed)
            : base(check)
        {
            (_check, _columns) = (check, columns);
            (_bytes, _present) = (new long[columns.Count], new long[columns.Count]);
            _schema = new DataSchema(columns.Select(column => new ColumnSchema(column.Name, ElementType.String)));
            _train = new RowReservoir(_schema, check.MaximumTrainRows, seed);
        }

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            if (part == DatasetPart.Test)
            {
                Compare(rows);
                return;
            }

            _train.Add(new DataBatch(_schema, _columns.Select(column => column.In(part, rows))));
            for (var i = 0; i < _columns.Count; i++)
            {
                var texts = (TextColumn)_columns[i].In(part, rows);
                _present[i] += texts.Length - texts.NullCount;
                for (var row = 0; row < texts.Length; row++) _bytes[i] += texts.GetUtf8(row).Length;
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (_learned!.Columns.Count == 0) return NotApplicable($"No column has texts of at least {FreeTextLength} characters on average in the training set.");
            if (_learned.Texts.Count == 0 || _compared == 0) return NotApplicable($"No row of the {(_learned.Texts.Count == 0 ? "training" : "test")} set has texts of at least {_check.MinimumCharacters} characters.");
            var sampled = TrainRows > _check.MaximumTrainRows ? $" The test set was compared with a sample of {Wording.Count(_check.MaximumTrainRows)} of {Wording.Count(TrainRows)} training rows." : "";
            return Result(
                $"{Wording.Count(_duplicates, "test row has a text that is", "test rows have texts that are")} nearly that of a training row, of {Wording.Count(_compared)} with texts to compare.{sampled}",
                JudgeRatio($"with texts ({Wording.Names([.. _learned.Columns.Select(column => column.Name)])}) that have {CheckText.Percent(_check.MinimumSimilarity)} in common with those of a training row", _check.MaximumRatio, _duplicates)) with
            {
                Values = new Dictionary<string, double?> { ["near_duplicate_rows"] = _duplicates, ["near_duplicate_ratio"] = (double)_duplicates / TestRows, ["compared_rows"] = _compared },
            };
        }

        private void Compare(DataBatch rows)
        {
            _learned ??= Learn();
            if (_learned.Columns.Count == 0) return;
            TextColumn[] columns = [.. _learned.Columns.Select(column => (TextColumn)column.In(DatasetPart.Test, rows))];
            for (var row = 0; row < rows.RowCount; row++)
            {
                var text = TextShingles.Normalize(columns, row);
                if (text.Length < Math.Max(TextShingles.Length, _check.MinimumCharacters)) continue;
                _compared++;
                var set = TextShingles.Cut(text);
                foreach (var candidate in _learned.Index.Find(set))
                {
                    if (TextShingles.Compare(set, TextShingles.Cut(_learned.Texts[candidate])) < _check.MinimumSimilarity) continue;
                    _duplicates++;
                    break;
                }
            }
        }

        /// <summary>Makes the index of the training texts, each different one once.</summary>
        private Learned Learn()
        {
            var rows = _train.ToBatch();
            int[] chosen = [.. Enumerable.Range(0, _columns.Count).Where(i => _check.Columns is not null || (_present[i] > 0 && _bytes[i] >= FreeTextLength * _present[i]))];
            var (texts, index, known) = (new List<string>(), new MinHashIndex(_check.MinimumSimilarity), new HashSet<string>(StringComparer.Ordinal));
            TextColumn[] columns = [.. chosen.Select(i => (TextColumn)rows[i])];
            for (var row = 0; row < rows.RowCount && columns.Length > 0; row++)
            {
                var text = TextShingles.Normalize(columns, row);
                if (text.Length < Math.Max(TextShingles.Length, _check.MinimumCharacters) || !known.Add(text)) continue;
                index.Add(TextShingles.Cut(text), texts.Count);
                texts.Add(text);
            }

            return new Learned([.. chosen.Select(i => _columns[i])], texts, index);
        }
    }

    private sealed record Learned(IReadOnlyList<PairedColumn> Columns, List<string> Texts, MinHashIndex Index);
}
