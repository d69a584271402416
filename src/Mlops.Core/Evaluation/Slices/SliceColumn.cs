namespace Mlops.Evaluation;

/// <summary>A column by whose values outcomes are told apart. Immutable, safe for concurrent use.</summary>
public sealed class SliceColumn
{
    /// <summary>The code of a row without a value.</summary>
    public const int Missing = -1;

    private readonly int[] _codes;

    /// <summary>Creates a column over the caller's array, which the caller must not change afterwards.</summary>
    /// <param name="name">The name: <c>region</c>; of a cross of columns <c>region × age</c>.</param>
    /// <param name="values">What each code stands for, all different: <c>north</c>, <c>[18, 30)</c>.</param>
    /// <param name="codes">The position in <paramref name="values"/> for each row, shape (rows); <see cref="Missing"/> where a row has no value.</param>
    /// <exception cref="ArgumentException">A code is no position, or two values have one name.</exception>
    public SliceColumn(string name, IReadOnlyList<string> values, int[] codes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(codes);
        if (codes.Any(code => code < Missing || code >= values.Count)) throw new ArgumentException($"A code of '{name}' is none of its {values.Count} values.", nameof(codes));
        if (values.Distinct(StringComparer.Ordinal).Count() < values.Count) throw new ArgumentException($"Two values of '{name}' have the same name, so that nobody could tell their slices apart.", nameof(values));
        Name = name;
        Values = values;
        _codes = codes;
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets what each code stands for.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Gets the codes that stand for several values together, as there were more than slices may be made of (<see cref="EvaluationOptions.MaximumSliceValues"/>); a loss in one of them can hide in the others.</summary>
    /// <value>The default value is empty.</value>
    /// <exception cref="ArgumentException">A code is no position of <see cref="Values"/>.</exception>
    public IReadOnlyList<int> MergedCodes
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Any(code => code < 0 || code >= Values.Count)) throw new ArgumentException($"A merged code of '{Name}' is none of its {Values.Count} values.", nameof(value));
            field = value;
        }
    } = [];

    /// <summary>Gets the code of each row, shape (rows); <see cref="Missing"/> where it has no value.</summary>
    public ReadOnlySpan<int> Codes => _codes;

    /// <summary>Gets the number of rows.</summary>
    public int RowCount => _codes.Length;

    /// <summary>Names a value.</summary>
    /// <param name="code">The code of the value; <see cref="Missing"/> for rows without one.</param>
    /// <returns>The name; <c>(missing)</c> for rows without a value.</returns>
    public string NameOf(int code) => code == Missing ? "(missing)" : Values[code];

    /// <summary>Finds the rows of a value.</summary>
    /// <param name="code">The code of the value; <see cref="Missing"/> for rows without one.</param>
    /// <returns>The rows, ascending, from 0.</returns>
    public int[] RowsOf(int code)
    {
        var rows = new List<int>();
        for (var row = 0; row < _codes.Length; row++)
        {
            if (_codes[row] == code) rows.Add(row);
        }

        return [.. rows];
    }

    /// <summary>Finds the rows of all values in one pass, as a column may have thousands.</summary>
    /// <returns>The rows of each code, ascending; at first those of <see cref="Missing"/>. Empty where no row has the value.</returns>
    internal int[][] GroupRows()
    {
        var counts = new int[Values.Count + 1];
        foreach (var code in _codes) counts[code + 1]++;
        int[][] rows = [.. counts.Select(count => new int[count])];
        Array.Clear(counts);
        for (var row = 0; row < _codes.Length; row++) rows[_codes[row] + 1][counts[_codes[row] + 1]++] = row;
        return rows;
    }
}
