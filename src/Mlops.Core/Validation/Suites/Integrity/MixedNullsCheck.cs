using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for columns that say in more than one way that a value is missing: no value, NaN, and texts such as <c>NA</c>, <c>null</c>, <c>-</c> or an empty one.</summary>
/// <remarks>One pass; keeps at most 64 ways for each column. Each spelling is a way of its own: <c>NA</c> and <c>na</c> are two.</remarks>
public sealed class MixedNullsCheck() : DataIntegrityCheck("mixed_nulls", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Do columns say in several ways that a value is missing?";

    /// <summary>Gets the largest number of ways in one column, 0 or more.</summary>
    /// <value>The default value is 1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumKinds { get; init => field = CheckLimit.AtLeast(value, 0); } = 1;

    /// <summary>Gets the texts that mean that a value is missing, compared without regard to case and to white space around them.</summary>
    /// <value>The default values are the empty text, <c>none</c>, <c>null</c>, <c>nan</c>, <c>na</c>, <c>n/a</c>, <c>nil</c>, <c>-</c>, <c>--</c>, <c>?</c>, <c>\N</c> and NUL characters.</value>
    public IReadOnlyList<string> NullTexts { get; init; } = ["", "none", "null", "nan", "na", "n/a", "nil", "-", "--", "?", "\\N", "\0", "\0\0"];

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan : DataIntegrityScan
    {
        private const int MostKinds = 64;
        private readonly MixedNullsCheck _check;
        private readonly DataSchema _schema;
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _nulls;
        private readonly int _longest;
        private readonly (int Index, Kinds Kinds)[] _columns;

        public Scan(MixedNullsCheck check, DataSchema schema)
            : base(check)
        {
            (_check, _schema) = (check, schema);
            var nulls = check.NullTexts.ToHashSet(StringComparer.OrdinalIgnoreCase);
            _nulls = nulls.GetAlternateLookup<ReadOnlySpan<char>>();
            _longest = nulls.Select(text => text.Length).DefaultIfEmpty().Max();
            _columns = [.. check.ColumnsOf(schema, column => column.Width == 1).Select(index => (index, new Kinds()))];
        }

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var (index, kinds) in _columns)
            {
                kinds.Nulls += rows[index].NullCount;
                kinds.NaNs += MissingValues.CountNaN(rows[index]);
                if (rows[index] is TextColumn texts) TextEntries.Visit(texts, (utf8, times) => AddText(kinds, utf8, times));
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var columns = _columns.Select(column => (_schema[column.Index].Name, column.Kinds.Count, column.Kinds)).OrderByDescending(column => column.Count).ToArray();
            string[] above = [.. columns.Where(column => column.Count > _check.MaximumKinds).Select(column => column.Name)];
            var most = columns.Length == 0 ? 0 : columns[0].Count;
            return Result(
                $"{Wording.Count(above.Length)} of {Wording.Count(columns.Length, "column")} have more than {Wording.Count(_check.MaximumKinds, "kind")} of missing values; the most kinds in one column: {Wording.Count(most)}.",
                $"at most {Wording.Count(_check.MaximumKinds, "kind")} of missing values in a column",
                above.Length == 0,
                above.Length == 0 ? $"at most {Wording.Count(most)}" : Wording.Names(above)) with
            {
                Values = new Dictionary<string, double?> { ["most_kinds"] = most, ["columns_above_limit"] = above.Length },
                Tables = most < 2 ? [] : [new CheckTable("Columns with several kinds", ["Column", "Kinds", "No value", "NaN", "Texts for it"], [.. columns.Where(column => column.Count > 1)
                    .Select(column => (IReadOnlyList<string>)[column.Name, Wording.Count(column.Count), Wording.Count(column.Kinds.Nulls), Wording.Count(column.Kinds.NaNs), column.Kinds.Describe()])])],
            };
        }

        private void AddText(Kinds kinds, ReadOnlySpan<byte> utf8, int times)
        {
            // White space around it is no part of a text that means nothing; much of it is looked at, whatever there is.
            var trimmed = utf8[Ascii.Trim(utf8)];
            if (trimmed.Length > _longest * 4) return;
            Span<char> characters = trimmed.Length <= 256 ? stackalloc char[256] : new char[trimmed.Length];
            if (!_nulls.TryGetValue(characters[..Encoding.UTF8.GetChars(trimmed, characters)], out var known)) return;
            var spelling = Encoding.UTF8.GetString(utf8);
            if (kinds.Spellings.Count < MostKinds || kinds.Spellings.ContainsKey(spelling)) kinds.Spellings[spelling] = (known, kinds.Spellings.GetValueOrDefault(spelling).Rows + times);
        }

        private sealed class Kinds
        {
            public long Nulls { get; set; }

            public long NaNs { get; set; }

            /// <summary>Gets the spellings, with the text of the check's list that each is, and the rows.</summary>
            public Dictionary<string, (string Known, long Rows)> Spellings { get; } = new(StringComparer.Ordinal);

            public int Count => (Nulls > 0 ? 1 : 0) + (NaNs > 0 ? 1 : 0) + Spellings.Count;

            /// <summary>Lists the texts as the check's list has them, not as the data do.</summary>
            public string Describe() => string.Join(", ", Spellings.Values.GroupBy(spelling => spelling.Known, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"\"{group.Key.Replace("\0", "\\0", StringComparison.Ordinal)}\" ({Wording.Count(group.Sum(spelling => spelling.Rows))}{(group.Count() > 1 ? $" in {group.Count()} spellings" : "")})"));
        }
    }
}
