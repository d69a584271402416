using CsvHelper;

namespace Mlops.Data;

/// <summary>Infers the type of a CSV column from its fields: the narrowest that reads them all.</summary>
internal struct CsvTypeInference
{
    private bool _isSeen;
    private bool _notInteger;
    private bool _notNumber;
    private bool _notBoolean;
    private bool _notDate;
    private bool _notTimestamp;

    /// <summary>Gets the type; text when there was no field.</summary>
    public readonly ElementType Type => !_isSeen ? ElementType.String
        : !_notInteger ? ElementType.Int64
        : !_notNumber ? ElementType.Float64
        : !_notBoolean ? ElementType.Boolean
        : !_notDate ? ElementType.Date
        : !_notTimestamp ? ElementType.Timestamp
        : ElementType.String;

    public void Add(CsvReader reader, int ordinal)
    {
        _isSeen = true;
        if (!_notInteger && !CsvValues.TryParseNumber<long>(reader, ordinal, out _)) _notInteger = true;
        if (!_notNumber && !CsvValues.TryParseNumber<double>(reader, ordinal, out _)) _notNumber = true;
        if (!_notBoolean && !CsvValues.TryParseBoolean(reader.GetSpan(ordinal), out _)) _notBoolean = true;
        if (!_notDate && !CsvValues.TryParseDate(reader.GetSpan(ordinal), out _)) _notDate = true;
        if (!_notTimestamp && !CsvValues.TryParseTimestamp(reader.GetSpan(ordinal), out _)) _notTimestamp = true;
    }
}
