using System.Globalization;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Finds the positions of labels among the classes of a model.</summary>
/// <remarks>A class is named by its label as text (<c>yes</c>, <c>1</c>), a truth value by <c>0</c> and <c>1</c>; numbers 0 and 1 are also taken for two classes that are named by text, as <see cref="JudgedOutput"/> does.</remarks>
internal sealed class ClassPositions
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<double, int> _numbers = [];

    public ClassPositions(IReadOnlyList<string> classes)
    {
        for (var i = 0; i < classes.Count; i++)
        {
            _texts.TryAdd(classes[i], i);
            if (double.TryParse(classes[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) _numbers.TryAdd(number, i);
        }

        if (_numbers.Count == 0 && classes.Count == 2) (_numbers[0], _numbers[1]) = (0, 1);
    }

    /// <summary>Reads labels: the position of each one's class, NaN where it is missing, −1 where the model does not know it.</summary>
    public void Read(Column labels, Span<double> positions)
    {
        if (labels is TextColumn texts)
        {
            ReadTexts(texts, positions);
            return;
        }

        ColumnNumbers.CopyTo(labels, 0, positions);
        foreach (ref var position in positions)
        {
            if (!double.IsNaN(position)) position = _numbers.TryGetValue(position, out var known) ? known : ModelOutcomes.UnknownClass;
        }
    }

    private void ReadTexts(TextColumn texts, Span<double> positions)
    {
        var entries = texts.IsDictionaryEncoded ? new double[texts.EntryCount] : [];
        for (var i = 0; i < entries.Length; i++) entries[i] = Find(System.Text.Encoding.UTF8.GetString(texts.GetEntryUtf8(i)));
        for (var row = 0; row < texts.Length; row++)
            positions[row] = texts.IsNull(row) ? double.NaN : entries.Length > 0 ? entries[texts.Codes[row]] : Find(texts.GetString(row)!);
    }

    private double Find(string text) => _texts.TryGetValue(text, out var position) ? position : ModelOutcomes.UnknownClass;
}
