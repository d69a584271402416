namespace Mlops.Data;

/// <summary>Infers the type of a column from its values: the narrowest that reads them all.</summary>
internal struct TypeInference
{
    private bool _isSeen;
    private bool _notInteger;
    private bool _notNumber;
    private bool _notBoolean;
    private bool _notDate;
    private bool _notTimestamp;
    private int _width;

    /// <summary>Gets the type and width; text when there was no value.</summary>
    public readonly (ElementType Type, int Width) Type => !_isSeen ? (ElementType.String, 1)
        : _width > 1 ? (ElementType.Float32, _width)
        : !_notInteger ? (ElementType.Int64, 1)
        : !_notNumber ? (ElementType.Float64, 1)
        : !_notBoolean ? (ElementType.Boolean, 1)
        : !_notDate ? (ElementType.Date, 1)
        : !_notTimestamp ? (ElementType.Timestamp, 1)
        : (ElementType.String, 1);

    public readonly ColumnSchema ToSchema(string name) => new(name, Type.Type) { Width = Type.Width };

    /// <summary>Takes in a text of a source that has nothing but texts.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="number">The text with a decimal point, if it is a number.</param>
    public void AddText(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> number)
    {
        SetWidth(FieldText.CountVector(utf8));
        if (!_notInteger && !FieldText.TryParseNumber<long>(utf8, out _)) _notInteger = true;
        if (!_notNumber && !FieldText.TryParseNumber<double>(number, out _)) _notNumber = true;
        // 1 and 0 are numbers as long as nothing else is said.
        if (!_notBoolean && (utf8.Length == 1 || !FieldText.TryParseBoolean(utf8, out _))) _notBoolean = true;
        AddTimeText(utf8);
    }

    /// <summary>Takes in a text of a source that has numbers too.</summary>
    public void AddString(ReadOnlySpan<byte> utf8)
    {
        SetWidth(0);
        _notInteger = _notNumber = _notBoolean = true;
        AddTimeText(utf8);
    }

    public void AddNumber(bool isInteger)
    {
        SetWidth(0);
        _notInteger |= !isInteger;
        _notBoolean = _notDate = _notTimestamp = true;
    }

    public void AddBoolean()
    {
        SetWidth(0);
        _notInteger = _notNumber = _notDate = _notTimestamp = true;
    }

    public void AddDate()
    {
        SetWidth(0);
        _notInteger = _notNumber = _notBoolean = true;
    }

    public void AddTimestamp()
    {
        AddDate();
        _notDate = true;
    }

    /// <summary>Takes in a vector of numbers, or with a width of 0 something that is no value of any type but text.</summary>
    public void AddVector(int width)
    {
        SetWidth(width);
        _notInteger = _notNumber = _notBoolean = _notDate = _notTimestamp = true;
    }

    /// <summary>Takes in what another inference, of other rows of the same column, has seen.</summary>
    public void Merge(in TypeInference other)
    {
        if (!other._isSeen) return;
        SetWidth(other._width);
        _notInteger |= other._notInteger;
        _notNumber |= other._notNumber;
        _notBoolean |= other._notBoolean;
        _notDate |= other._notDate;
        _notTimestamp |= other._notTimestamp;
    }

    private void AddTimeText(ReadOnlySpan<byte> utf8)
    {
        if (!_notDate && !FieldText.TryParseDate(utf8, out _)) _notDate = true;
        if (!_notTimestamp && !FieldText.TryParseTimestamp(utf8, out _)) _notTimestamp = true;
    }

    /// <summary>A column is one of vectors only when all are of one width above 1.</summary>
    private void SetWidth(int width)
    {
        _width = _isSeen && _width != width ? 0 : width;
        _isSeen = true;
    }
}
