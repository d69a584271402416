namespace Mlops.Data;

/// <summary>Infers the type of a column from its values: the narrowest that reads them all, or nearly all where bad rows are quarantined.</summary>
internal struct TypeInference(double tolerance)
{
    private const int FewestValues = 100;

    private long _seen;
    private Misfits _integer;
    private Misfits _number;
    private Misfits _boolean;
    private Misfits _date;
    private Misfits _timestamp;
    private int _width;

    /// <summary>Gets the type and width; text when there was no value.</summary>
    public readonly (ElementType Type, int Width) Type => _seen == 0 ? (ElementType.String, 1)
        : _width > 1 ? (ElementType.Float32, _width)
        : Fits(_integer) ? (ElementType.Int64, 1)
        : Fits(_number) ? (ElementType.Float64, 1)
        : Fits(_boolean) ? (ElementType.Boolean, 1)
        : Fits(_date) ? (ElementType.Date, 1)
        : Fits(_timestamp) ? (ElementType.Timestamp, 1)
        : (ElementType.String, 1);

    public readonly ColumnSchema ToSchema(string name) => new(name, Type.Type) { Width = Type.Width };

    /// <summary>Takes in a text of a source that has nothing but texts.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="number">The text with a decimal point, if it is a number.</param>
    public void AddText(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> number)
    {
        Begin(FieldText.CountVector(utf8));
        if (!_integer.IsGivenUp) Judge(ref _integer, FieldText.TryParseNumber<long>(utf8, out _));
        if (!_number.IsGivenUp) Judge(ref _number, FieldText.TryParseNumber<double>(number, out _));
        // 1 and 0 are numbers as long as nothing else is said.
        if (!_boolean.IsGivenUp) Judge(ref _boolean, utf8.Length > 1 && FieldText.TryParseBoolean(utf8, out _));
        AddTimeText(utf8);
    }

    /// <summary>Takes in a text of a source that has numbers too.</summary>
    public void AddString(ReadOnlySpan<byte> utf8)
    {
        Begin(0);
        Judge(false, false, false);
        AddTimeText(utf8);
    }

    public void AddNumber(bool isInteger)
    {
        Begin(0);
        Judge(isInteger, true, false);
        Judge(ref _date, false);
        Judge(ref _timestamp, false);
    }

    public void AddBoolean()
    {
        Begin(0);
        Judge(false, false, true);
        Judge(ref _date, false);
        Judge(ref _timestamp, false);
    }

    public void AddDate()
    {
        Begin(0);
        Judge(false, false, false);
        Judge(ref _date, true);
        Judge(ref _timestamp, true);
    }

    public void AddTimestamp()
    {
        Begin(0);
        Judge(false, false, false);
        Judge(ref _date, false);
        Judge(ref _timestamp, true);
    }

    /// <summary>Takes in a vector of numbers, or with a width of 0 something that is no value of any type but text.</summary>
    public void AddVector(int width)
    {
        Begin(width);
        Judge(false, false, false);
        Judge(ref _date, false);
        Judge(ref _timestamp, false);
    }

    /// <summary>Takes in what another inference, of other rows of the same column, has seen.</summary>
    public void Merge(in TypeInference other)
    {
        if (other._seen == 0) return;
        _width = _seen > 0 && _width != other._width ? 0 : other._width;
        _seen += other._seen;
        _integer.Merge(other._integer);
        _number.Merge(other._number);
        _boolean.Merge(other._boolean);
        _date.Merge(other._date);
        _timestamp.Merge(other._timestamp);
    }

    /// <summary>A column is one of vectors only when all are of one width above 1.</summary>
    private void Begin(int width)
    {
        _width = _seen > 0 && _width != width ? 0 : width;
        _seen++;
    }

    private void AddTimeText(ReadOnlySpan<byte> utf8)
    {
        if (!_date.IsGivenUp) Judge(ref _date, FieldText.TryParseDate(utf8, out _));
        if (!_timestamp.IsGivenUp) Judge(ref _timestamp, FieldText.TryParseTimestamp(utf8, out _));
    }

    private void Judge(bool isInteger, bool isNumber, bool isBoolean)
    {
        Judge(ref _integer, isInteger);
        Judge(ref _number, isNumber);
        Judge(ref _boolean, isBoolean);
    }

    private readonly void Judge(ref Misfits misfits, bool fits)
    {
        if (fits) return;
        misfits.Count++;
        // A type that so many values do not have is not tried again: trying takes most of the time of an inference.
        misfits.IsGivenUp = tolerance == 0 || (_seen >= FewestValues && misfits.Count > _seen * tolerance);
    }

    private readonly bool Fits(Misfits misfits) => !misfits.IsGivenUp && misfits.Count <= _seen * tolerance;

    private struct Misfits
    {
        public long Count { get; set; }

        public bool IsGivenUp { get; set; }

        public void Merge(Misfits other)
        {
            Count += other.Count;
            IsGivenUp |= other.IsGivenUp;
        }
    }
}
