using System.IO.Compression;
using CsvHelper;

namespace Mlops.Data;

/// <summary>Writes datasets as CSV.</summary>
public static class CsvWriting
{
    /// <summary>Writes a dataset as a CSV file, in the form that <see cref="CsvDataset"/> reads.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="path">The file, which is replaced when all is written; compressed by gzip when its name ends in <c>.gz</c>.</param>
    /// <param name="separator">The separator of fields.</param>
    /// <param name="cancellationToken">Cancels the writing; the file stays as it was.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="EntityNotFoundException">The folder does not exist.</exception>
    public static async Task<long> WriteCsvAsync(this IDataset dataset, string path, char separator = ',', CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new EntityNotFoundException("folder", folder, $"There is no folder {folder} to write {Path.GetFileName(path)} into. Create it first.");
        var temporary = $"{path}.{Ids.Create(TimeProvider.System)}.tmp";
        try
        {
            long rows;
            Stream stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) stream = new GZipStream(stream, CompressionLevel.Optimal);
            await using (stream.ConfigureAwait(false))
            {
                rows = await dataset.WriteCsvAsync(stream, separator, cancellationToken).ConfigureAwait(false);
            }

            File.Move(temporary, path, overwrite: true);
            return rows;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes a dataset as CSV, in the form that <see cref="CsvDataset"/> reads: a header, then a line for each row, in UTF-8.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="stream">Where to write; it stays open.</param>
    /// <param name="separator">The separator of fields.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>The number of rows.</returns>
    /// <remarks>A missing value is an empty field, and so is an empty text: reading takes both as missing, and the text <c>NA</c> too unless <see cref="CsvOptions.NullTexts"/> leaves it out.</remarks>
    public static async Task<long> WriteCsvAsync(this IDataset dataset, Stream stream, char separator = ',', CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(stream);
        var writer = CsvWriter.Create(stream, new CsvWriterOptions { Separator = separator, NewLine = "\n" }, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteHeader([.. dataset.Schema.Select(column => column.Name)]);
            var (rows, buffer) = (0L, new byte[64]);
            await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
            {
                for (var row = 0; row < batch.RowCount; row++)
                {
                    for (var i = 0; i < batch.Schema.Count; i++) writer.WriteField(FieldText.Format(batch[i], row, ref buffer));
                    await writer.EndRecordAsync(cancellationToken).ConfigureAwait(false);
                }

                rows += batch.RowCount;
            }

            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            return rows;
        }
    }
}
