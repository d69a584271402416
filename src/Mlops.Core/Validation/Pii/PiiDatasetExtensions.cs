using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Masks personal data in datasets.</summary>
public static class PiiDatasetExtensions
{
    /// <summary>Masks personal data as rows are read: what the detector finds is replaced, and looked at again until it finds nothing more.</summary>
    /// <remarks>
    /// <para>Lazy. Columns in which nothing is found are delivered as they are. A detector with the same options finds nothing in the masked columns.</para>
    /// <para>A column of numbers is masked only when it is named, and is text then, since a number has no room for a mask: <c>data.MaskPii(detector, mask, report.Columns)</c> masks
    /// what a report found.</para>
    /// </remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="detector">What to look for.</param>
    /// <param name="mask">What takes its place.</param>
    /// <param name="columns">The columns to mask, of text or of numbers; all columns of text when <see langword="null"/>.</param>
    /// <returns>All rows with all columns.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">One of the columns is of another type.</exception>
    /// <example><code>var shared = customers.MaskPii(new PiiDetector(), new PiiRedaction());</code></example>
    public static IDataset MaskPii(this IDataset dataset, PiiDetector detector, PiiMask mask, IReadOnlyList<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(mask);
        var chosen = columns is null
            ? dataset.Schema.Where(column => column.Type == ElementType.String)
            : columns.Distinct(StringComparer.Ordinal).Select(name => dataset.Schema[name]);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in chosen)
        {
            if (column.Type != ElementType.String && (column.Width != 1 || !PiiNumber.CanRead(column.Type)))
                throw new ArgumentException($"Column '{column.Name}' is {column.Type} × {column.Width}; only texts and whole numbers can be masked.", nameof(columns));
            names.Add(column.Name);
        }

        return new MaskPiiOperator(dataset, names, detector.Rules, mask);
    }
}
