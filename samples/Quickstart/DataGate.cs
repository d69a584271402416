using Mlops;
using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Quickstart;

/// <summary>Infers what good data look like, lets the good pass and refuses a broken copy.</summary>
internal static class DataGate
{
    public static async Task<bool> CheckAsync(RidershipData data, string artifacts)
    {
        var known = data.Period(new DateOnly(2001, 1, 1), new DateOnly(2006, 1, 1));
        var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(known), new SchemaInferenceOptions { RangeMarginRatio = 1 });
        await File.WriteAllBytesAsync(Path.Combine(artifacts, "schema.json"), schema.ToJson());
        var validator = new DataValidator(schema);

        var report = await validator.ValidateAsync(data.All);
        Show.Line(report.ToString());
        if (report.Verdict == ValidationVerdict.Fail) return false;

        var broken = await CsvDataset.OpenAsync(await WriteBrokenCopyAsync(data.FilePath, Path.Combine(artifacts, "broken.csv")));
        try
        {
            (await validator.ValidateAsync(broken)).EnsureValid();
            Show.Failure("The broken copy was accepted.");
            return false;
        }
        catch (DataValidationException refused)
        {
            Show.Line("A broken copy is refused:");
            Show.Line(refused.Report.ToString());
            return true;
        }
    }

    /// <summary>Leaves out the first weather column, and makes some temperatures a hundred times as high.</summary>
    private static async Task<string> WriteBrokenCopyAsync(string source, string target)
    {
        var lines = await File.ReadAllLinesAsync(source);
        var header = lines[0].Split(',');
        var (temperature, missing) = (Array.IndexOf(header, "\"temp_max\""), Array.IndexOf(header, "\"temp_min\""));
        for (var i = 0; i < lines.Length; i++)
        {
            var fields = lines[i].Split(',').ToList();
            if (i % 1000 == 1) fields[temperature] = (100 * (1 + double.Parse(fields[temperature], CultureInfo.InvariantCulture))).ToString(CultureInfo.InvariantCulture);
            fields.RemoveAt(missing);
            lines[i] = string.Join(',', fields);
        }

        await File.WriteAllLinesAsync(target, lines);
        return target;
    }
}
