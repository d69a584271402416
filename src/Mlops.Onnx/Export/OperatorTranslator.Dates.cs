using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The translation of parts of dates, in whole numbers.</summary>
/// <remarks>Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013: civil_from_days.</remarks>
internal sealed partial class OperatorTranslator
{
    private const long SecondsPerDay = 86_400;

    /// <summary>The days from 0000-03-01, at which the algorithm's years begin, to 1970-01-01.</summary>
    private const long DaysBefore1970 = 719_468;

    private void Translate(GraphNode node, DatePartOperator date)
    {
        var input = node.Inputs[0];
        var isWhole = FindType(input) == ElementType.Int64;
        if (isWhole && date.Unit == DateUnit.Seconds) throw Untranslatable(node, "seconds are Float64");
        var isDate = AddIsDate(node, input, isWhole, date.Unit);
        // What is no date is computed as 1970-01-01 and left out at the end.
        var valid = isWhole ? AddNode(node, "Where", isDate, input, AddConstant(node, "epoch", 0L)) : AddNode(node, "Where", isDate, input, AddConstant(node, "epoch", 0.0));
        var numbers = new Integers(this, node);
        var units = isWhole ? valid : AddCast(node, AddNode(node, "Floor", valid), OrtElementTypes.Int64);
        var second = date.Unit == DateUnit.Seconds ? numbers.Mod(units, SecondsPerDay) : AddConstant(node, "midnight", 0L);
        var days = date.Unit == DateUnit.Seconds ? numbers.Divide(AddNode(node, "Sub", units, second), SecondsPerDay) : units;
        var part = AddPart(node, numbers, date.Part, days, second);
        if (date.Encoding == DateEncoding.Number)
        {
            builder.AddNode("Where", Core, [isDate, AddCast(node, part, OrtElementTypes.Float32), AddConstant(node, "missing", float.NaN)], node.Outputs);
            return;
        }

        var (first, count) = DatePartOperator.GetRange(date.Part);
        var position = AddNode(node, "Where", isDate, numbers.Add(part, -first), AddConstant(node, "missing", (long)count));
        var table = NameHelper(node, "table");
        builder.AddConstant(table, date.GetTable());
        builder.AddNode("Gather", Core, [table, AddReshape(node, position, -1)], node.Outputs, new OnnxAttribute("axis", 0L));
    }

    private string AddIsDate(GraphNode node, string input, bool isWhole, DateUnit unit)
    {
        var factor = unit == DateUnit.Seconds ? SecondsPerDay : 1;
        var (first, end) = (DatePartOperator.FirstDay * factor, (DatePartOperator.LastDay + 1) * factor);
        return isWhole
            ? AddNode(node, "And", AddNode(node, "GreaterOrEqual", input, AddConstant(node, "first", first)), AddNode(node, "Less", input, AddConstant(node, "end", end)))
            : AddNode(node, "And", AddNode(node, "GreaterOrEqual", input, AddConstant(node, "first", (double)first)), AddNode(node, "Less", input, AddConstant(node, "end", (double)end)));
    }

    private string AddPart(GraphNode node, Integers numbers, DatePart part, string days, string second)
    {
        switch (part)
        {
            case DatePart.DayOfWeek: return numbers.Mod(numbers.Add(days, 4), 7); // 1970-01-01 was a Thursday, day 4.
            case DatePart.Hour: return numbers.Divide(second, 3600);
            case DatePart.Minute: return numbers.Mod(numbers.Divide(second, 60), 60);
            case DatePart.Second: return numbers.Mod(second, 60);
        }

        // All numbers from here on are ≥ 0, so that an integer division cuts off what it should.
        var day = numbers.Add(days, DaysBefore1970);
        var era = numbers.Divide(day, 146_097);
        var dayOfEra = numbers.Mod(day, 146_097);
        var corrected = numbers.Subtract(numbers.Add(dayOfEra, numbers.Divide(dayOfEra, 36_524)), numbers.Add(numbers.Divide(dayOfEra, 1_460), numbers.Divide(dayOfEra, 146_096)));
        var yearOfEra = numbers.Divide(corrected, 365);
        var yearDay = numbers.Subtract(dayOfEra, numbers.Subtract(numbers.Add(numbers.Multiply(yearOfEra, 365), numbers.Divide(yearOfEra, 4)), numbers.Divide(yearOfEra, 100)));
        var monthFromMarch = numbers.Divide(numbers.Add(numbers.Multiply(yearDay, 5), 2), 153);
        if (part == DatePart.Day) return numbers.Add(numbers.Subtract(yearDay, numbers.Divide(numbers.Add(numbers.Multiply(monthFromMarch, 153), 2), 5)), 1);
        var month = numbers.Add(numbers.Mod(numbers.Add(monthFromMarch, 2), 12), 1);
        if (part == DatePart.Month) return month;
        if (part == DatePart.Quarter) return numbers.Divide(numbers.Add(month, 2), 3);
        // January and February belong to the next year.
        var year = numbers.Add(numbers.Add(yearOfEra, numbers.Multiply(era, 400)), numbers.Divide(monthFromMarch, 10));
        if (part == DatePart.Year) return year;
        var before = numbers.Add(year, -1);
        var daysBefore = numbers.Add(numbers.Subtract(numbers.Add(numbers.Multiply(before, 365), numbers.Divide(before, 4)), numbers.Divide(before, 100)), numbers.Divide(before, 400));
        return numbers.Add(numbers.Subtract(numbers.Add(days, -DatePartOperator.FirstDay), daysBefore), 1);
    }

    /// <summary>Writes calculations in 64-bit integers as nodes.</summary>
    private sealed class Integers(OperatorTranslator translator, GraphNode node)
    {
        public string Add(string a, string b) => translator.AddNode(node, "Add", a, b);

        public string Add(string a, long b) => Add(a, Constant(b));

        public string Subtract(string a, string b) => translator.AddNode(node, "Sub", a, b);

        public string Multiply(string a, long b) => translator.AddNode(node, "Mul", a, Constant(b));

        public string Divide(string a, long b) => translator.AddNode(node, "Div", a, Constant(b));

        /// <summary>The remainder with the sign of the divisor.</summary>
        public string Mod(string a, long b) => translator.AddNode(node, "Mod", a, Constant(b));

        private string Constant(long value) => translator.AddConstant(node, "number", value);
    }
}
