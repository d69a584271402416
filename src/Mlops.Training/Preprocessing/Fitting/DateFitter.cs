using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Fits the parts of one column of dates or timestamps.</summary>
internal sealed class DateFitter : IColumnFitter
{
    private static readonly string[] s_days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    private readonly IDataset _dataset;
    private readonly ColumnSchema _schema;
    private readonly DatePartsStep _step;
    private readonly DateUnit _unit;
    private readonly NumberCollector[] _numbers;
    private long _missing;
    private long _rows;

    public DateFitter(IDataset dataset, ColumnSchema schema, IReadOnlyList<PreprocessingStep> steps)
    {
        if (steps is not [DatePartsStep step])
            throw new ArgumentException($"Column '{schema.Name}' is {schema.Type}; it takes one {nameof(DatePartsStep)} and nothing else.");
        var ofTime = step.OneHot.Concat(step.Cyclic).Concat(step.Numbers).Where(part => part is DatePart.Hour or DatePart.Minute or DatePart.Second).ToArray();
        if (schema.Type == ElementType.Date && ofTime.Length > 0)
            throw new ArgumentException($"Column '{schema.Name}' is a Date, which has no {ofTime[0]}. Take the part out of the step, or cast the column to {nameof(ElementType.Timestamp)}.");
        (_dataset, _schema, _step) = (dataset, schema, step);
        _unit = schema.Type == ElementType.Date ? DateUnit.Days : DateUnit.Seconds;
        _numbers = [.. step.Numbers.Select(_ => new NumberCollector(schema, keepsValues: false))];
    }

    public IEnumerable<ColumnSchema> Columns => [_schema];

    public void Add(DataBatch batch, LabelTargets? targets)
    {
        var values = ColumnNumbers.ToDoubles(batch[_schema.Name]);
        _rows += values.Length;
        foreach (var value in values) _missing += double.IsNaN(value) ? 1 : 0;
        for (var i = 0; i < _numbers.Length; i++)
        {
            var part = _step.Numbers[i];
            _numbers[i].Add(Array.ConvertAll(values, value => DateParts.Of(part, _unit, value) is not DateParts.Missing and var number ? number : double.NaN));
        }
    }

    public void Build(GraphParts parts, LabelTargets? targets)
    {
        var name = _schema.Name;
        if (_missing == _rows) throw EmptyColumns.Error(_dataset, name);
        if (_missing > 0 && _step.Missing == MissingDate.Refuse)
            throw new DataFormatException(_dataset.Name, 0, name, $"A date is missing. Fill it, leave the row out, or set {nameof(DatePartsStep)}.{nameof(DatePartsStep.Missing)} to {nameof(MissingDate.Zeros)}.");
        parts.Inputs.Add(_unit == DateUnit.Days && _step.Missing == MissingDate.Refuse ? TensorSpec.Of<long>(name, 1, name) : TensorSpec.Of<double>(name, 1, name));
        foreach (var part in _step.OneHot) Add(parts, part, DateEncoding.OneHot, OneHotNames(part));
        foreach (var part in _step.Cyclic) Add(parts, part, DateEncoding.Cyclic, [$"{name} {TextOf(part)} sin", $"{name} {TextOf(part)} cos"]);
        for (var i = 0; i < _numbers.Length; i++)
        {
            var part = _step.Numbers[i];
            var tensor = parts.Add(new DatePartOperator(part, DateEncoding.Number, _unit), name, $"{name}_{TextOf(part)}");
            PreprocessingStep[] steps = [new ImputeStep(), .. _step.Standardize ? [new StandardizeStep()] : Array.Empty<PreprocessingStep>()];
            // Where no date can be missing there is nothing to fill.
            if (parts.Inputs[^1].ElementType == ElementType.Int64) steps = steps[1..];
            NumberFitter.FitSingles(parts, _dataset, steps, tensor, $"{name}_{TextOf(part)}", name, [$"{name} {TextOf(part)}"], [_numbers[i].Summarize(_dataset)]);
        }
    }

    private void Add(GraphParts parts, DatePart part, DateEncoding encoding, IEnumerable<string> names)
        => parts.AddFeatures(parts.Add(new DatePartOperator(part, encoding, _unit), _schema.Name, $"{_schema.Name}_{TextOf(part)}_{(encoding == DateEncoding.OneHot ? "one_hot" : "cyclic")}"), names);

    private IEnumerable<string> OneHotNames(DatePart part)
    {
        if (part == DatePart.DayOfWeek) return s_days.Select(day => $"{_schema.Name}={day}");
        var (first, count) = DatePartOperator.GetRange(part);
        return Enumerable.Range(first, count).Select(value => FormattableString.Invariant($"{_schema.Name} {TextOf(part)}={value}"));
    }

    private static string TextOf(DatePart part) => part switch
    {
        DatePart.DayOfWeek => "day_of_week",
        DatePart.DayOfYear => "day_of_year",
        _ => part.ToString().ToLowerInvariant(),
    };
}
