namespace Mlops.Serving;

/// <summary>The form of the files of a <see cref="PayloadLog"/>.</summary>
public enum PayloadFormat
{
    /// <summary>A JSON object in each line, as <see cref="Data.JsonLinesDataset"/> reads.</summary>
    JsonLines,

    /// <summary>Comma-separated values with a header, as <see cref="Data.CsvDataset"/> reads.</summary>
    Csv,
}
