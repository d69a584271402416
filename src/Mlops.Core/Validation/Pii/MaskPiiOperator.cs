using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Another dataset with masks in the place of personal data.</summary>
/// <param name="source">The other dataset.</param>
/// <param name="columns">The columns to mask.</param>
/// <param name="rules">What to look for.</param>
/// <param name="mask">What takes its place.</param>
internal sealed class MaskPiiOperator(IDataset source, IReadOnlyCollection<string> columns, PiiRules rules, PiiMask mask)
    : DatasetOperator(source.Name, SchemaOf(source.Schema, columns))
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // What is kept from batch to batch belongs to this read.
        var masking = new PiiTextMasking(rules, mask);
        PiiColumnMasking?[] maskings = [.. wanted.Select(column => columns.Contains(column.Name) ? new PiiColumnMasking(column.Name, masking) : null)];
        await foreach (var batch in ReadSourceAsync(source, [.. NamesOf(wanted)], batchRows, cancellationToken).ConfigureAwait(false))
        {
            var masked = new Column[wanted.Count];
            for (var i = 0; i < masked.Length; i++) masked[i] = maskings[i]?.Mask(batch[i]) ?? batch[i];
            await masking.SaveAsync(cancellationToken).ConfigureAwait(false);
            yield return new DataBatch(wanted, masked);
        }
    }

    private static DataSchema SchemaOf(DataSchema source, IReadOnlyCollection<string> columns)
        => new(source.Select(column => columns.Contains(column.Name) ? column with { Type = ElementType.String } : column));
}
