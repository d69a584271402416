using System.Runtime.InteropServices;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Looks for texts of a column that are the same but for case, punctuation and blanks: <c>New York</c> and <c>new-york</c>.</summary>
/// <remarks>
/// One pass; keeps two hashes of each different text, about 140 bytes, up to <see cref="MaximumTexts"/> of a column. Columns with more are not names of anything, and are passed over. Texts that are
/// numbers, days or moments are left alone: <c>-1.5</c> is no variant of <c>15</c>. A warning by default, as in the check's model, deepchecks.
/// </remarks>
public sealed class StringVariantsCheck() : DataIntegrityCheck("string_variants", ValidationSeverity.Warning)
{
    private const int TextsShown = 20;

    /// <inheritdoc/>
    public override string Description => "Is the same text written in different ways?";

    /// <summary>Gets the largest number of texts of a column that are written in more than one way.</summary>
    /// <value>The default value is 0 texts.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumCount { get; init => field = CheckLimit.AtLeast(value, 0); }

    /// <summary>Gets the number of different texts up to which a column is looked at, 1 or more.</summary>
    /// <value>The default value is 100,000 texts, about 14 MB a column.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumTexts { get; init => field = CheckLimit.AtLeast(value, 0); } = 100_000;

    /// <summary>Gets whether the report quotes the variants, which are values of the data, at most 20 texts of a column.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ShowsValues { get; init; }

    private protected override string? FindObstacle(DataSchema schema) => ColumnsOf(schema, IsText).Length == 0 ? "There is no column of texts." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    /// <summary>Makes the form that variants share: letters and digits only, in lower case.</summary>
    internal static string ToBaseForm(string text)
    {
        var form = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) form.Append(Rune.ToLowerInvariant(rune).ToString());
        }

        return form.Length == 0 ? text : form.ToString();
    }

    private sealed class Scan(StringVariantsCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly Variants[] _columns = [.. check.ColumnsOf(schema, IsText).Select(index => new Variants(index))];

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var column in _columns) TextEntries.Visit((TextColumn)rows[column.Index], (utf8, _) => column.Add(utf8, check));
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var judged = _columns.Where(column => !column.HasTooMany).Select(column => (schema[column.Index].Name, Texts: column.GetVaried())).ToArray();
            if (judged.Length == 0) return NotApplicable($"Every column of texts has more than {Wording.Count(check.MaximumTexts)} different ones.");
            string[] above = [.. judged.Where(column => column.Texts.Count > check.MaximumCount).Select(column => column.Name)];
            var total = judged.Sum(column => column.Texts.Count);
            var left = _columns.Length - judged.Length;
            var leftOut = left == 0 ? "" : $" {Wording.Count(left, "column")} with more than {Wording.Count(check.MaximumTexts)} different texts {(left == 1 ? "was" : "were")} not looked at.";
            return Result(
                $"{Wording.Count(total, "text")} of {Wording.Count(judged.Length, "column")} are written in more than one way.{leftOut}",
                $"in each column at most {Wording.Count(check.MaximumCount, "text")} written in more than one way",
                above.Length == 0,
                above.Length == 0 ? $"at most {Wording.Count(judged.Max(column => column.Texts.Count))}" : Wording.Names(above)) with
            {
                Values = new Dictionary<string, double?> { ["varied_texts"] = total, ["columns_above_limit"] = above.Length, ["columns_left_out"] = left },
                Tables = total == 0 ? [] : [.. MakeTables(judged)],
            };
        }

        private IEnumerable<CheckTable> MakeTables((string Name, IReadOnlyList<Group> Texts)[] columns)
        {
            yield return new CheckTable("Columns with variants", ["Column", "Texts", "Ways to write them"], [.. columns.Where(column => column.Texts.Count > 0)
                .Select(column => (IReadOnlyList<string>)[column.Name, Wording.Count(column.Texts.Count), Wording.Count(column.Texts.Sum(text => (long)text.Count))])]);
            if (!check.ShowsValues) yield break;
            yield return new CheckTable("Variants", ["Column", "Written as"], [.. columns.SelectMany(column => column.Texts
                .Select(text => string.Join(" | ", text.Spellings.Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal).Take(TextsShown)
                .Select(text => (IReadOnlyList<string>)[column.Name, text]))]);
        }
    }

    /// <summary>The different texts of a column, by their base forms.</summary>
    private sealed class Variants(int index)
    {
        private readonly HashSet<UInt128> _texts = [];
        private readonly Dictionary<UInt128, Group> _groups = [];

        public int Index => index;

        public bool HasTooMany { get; private set; }

        public IReadOnlyList<Group> GetVaried() => [.. _groups.Values.Where(group => group.Count > 1)];

        public void Add(ReadOnlySpan<byte> utf8, StringVariantsCheck check)
        {
            if (HasTooMany || !_texts.Add(Hash(utf8))) return;
            if (_texts.Count > check.MaximumTexts)
            {
                HasTooMany = true;
                _texts.Clear();
                _groups.Clear();
                return;
            }

            if (FieldText.TryParseNumber<double>(utf8, out _) || FieldText.TryParseTimestamp(utf8, out _)) return;
            var text = Encoding.UTF8.GetString(utf8);
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, Hash(Encoding.UTF8.GetBytes(ToBaseForm(text))), out _);
            group = new Group(group.Count + 1, check.ShowsValues ? [.. group.Spellings ?? [], text] : []);
        }

        private static UInt128 Hash(ReadOnlySpan<byte> utf8)
        {
            var (first, second) = MurmurHash3.Hash(utf8);
            return new UInt128(first, second);
        }
    }

    /// <summary>A text: in how many ways it is written, and how, where that may be shown.</summary>
    private readonly record struct Group(int Count, string[] Spellings);
}
