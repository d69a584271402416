using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Validation;

/// <summary>The file of the test: numbers, integers, days, texts of few and of many different values, and missing ones.</summary>
internal static class LargeFile
{
    public static async Task WriteAsync(string path, long bytes)
    {
        await using var file = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20);
        await file.WriteAsync("id,day,city,text,a,b,c,d,e,f\n");
        var random = new Random(1);
        string[] cities = ["Köln", "Bonn", "\"Ulm, an der Donau\"", "NA"];
        var line = new StringBuilder();
        for (long written = 0, id = 0; written < bytes; id++)
        {
            line.Clear();
            line.Append(CultureInfo.InvariantCulture, $"{id},{new DateOnly(2000, 1, 1).AddDays((int)(id % 9000)):O},{cities[random.Next(4)]},text {random.Next()}");
            for (var i = 0; i < 6; i++) line.Append(CultureInfo.InvariantCulture, $",{random.NextDouble() * 100:0.0000}");
            await file.WriteAsync(line.Append('\n'));
            written += line.Length;
        }
    }

    public static ValidationSchema Schema(DataSchema schema)
        => new ValidationSchema(schema).Column("a").Between(0, 100).Required().Schema.Column("city").In("Köln", "Bonn", "Ulm, an der Donau").Schema;
}
