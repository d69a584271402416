using System.Diagnostics;
using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

// Validates, profiles and fingerprints a CSV file in one pass, in a process of its own, and tells how much memory that took.
// Arguments: the file, and 'write' with a number of megabytes to make it first.
if (args is [var target, "write", var megabytes])
{
    await LargeFile.WriteAsync(target, int.Parse(megabytes, CultureInfo.InvariantCulture) * 1_000_000L);
    return;
}

var started = Stopwatch.GetTimestamp();
var dataset = await CsvDataset.OpenAsync(args[0], new CsvOptions { InferenceRows = 1000 });
var validation = new DataValidator(LargeFile.Schema(dataset.Schema)).Begin(dataset.Name, dataset.Schema);
var profile = new DatasetProfile(dataset.Schema);
using var fingerprint = new DatasetFingerprint(dataset.Schema);
var rows = await dataset.ScanAsync([validation.Add, profile.Add, fingerprint.Add]);
var report = validation.Finish();
var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
using var process = Process.GetCurrentProcess();
process.Refresh();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows} {fingerprint.Finish()} {report.Verdict} {profile["text"].DistinctValues.Estimate:0} {process.PeakWorkingSet64 / 1e6:0} {seconds:0.0}"));
