using System.Globalization;
using System.Text;
using System.Xml;

namespace Mlops.Validation;

/// <summary>Writes reports of suites as JUnit XML, in the form that Jenkins, Azure Pipelines, GitLab and GitHub actions read.</summary>
internal static class SuiteReportXml
{
    public static string Write(ValidationSuiteReport report)
    {
        var text = new StringBuilder();
        // The encoding is declared by hand, since a writer to a string would declare UTF-16.
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            WriteSuite(xml, report);
            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void WriteSuite(XmlWriter xml, ValidationSuiteReport report)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(report.Suite));
        xml.WriteAttributeString("tests", Number(report.Results.Count));
        xml.WriteAttributeString("failures", Number(report.Results.Count(result => result.Status == CheckStatus.Fail)));
        xml.WriteAttributeString("errors", Number(report.Results.Count(result => result.Status == CheckStatus.Error)));
        xml.WriteAttributeString("skipped", Number(report.Results.Count(result => result.Status == CheckStatus.NotApplicable)));
        xml.WriteAttributeString("time", Seconds(report.Results.Aggregate(TimeSpan.Zero, (sum, result) => sum + result.Duration)));
        if (report.Datasets.Count > 0)
        {
            xml.WriteStartElement("properties");
            foreach (var dataset in report.Datasets)
            {
                WriteProperty(xml, $"{dataset.Part.ToString().ToLowerInvariant()}.name", dataset.Name);
                WriteProperty(xml, $"{dataset.Part.ToString().ToLowerInvariant()}.rows", dataset.RowCount.ToString(CultureInfo.InvariantCulture));
            }

            xml.WriteEndElement();
        }

        foreach (var result in report.Results) WriteCase(xml, report.Suite, result);
        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, string suite, CheckResult result)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean(result.Check));
        xml.WriteAttributeString("classname", Clean(suite));
        xml.WriteAttributeString("time", Seconds(result.Duration));
        switch (result.Status)
        {
            case CheckStatus.Fail:
                WriteOutcome(xml, "failure", result);
                break;
            case CheckStatus.Error:
                WriteOutcome(xml, "error", result);
                break;
            case CheckStatus.NotApplicable:
                xml.WriteStartElement("skipped");
                xml.WriteAttributeString("message", Clean(result.Summary));
                xml.WriteEndElement();
                break;
            case CheckStatus.Warn:
                xml.WriteElementString("system-out", Clean(Describe(result)));
                break;
            default:
                xml.WriteElementString("system-out", Clean(SuiteReportText.Measured(result) is { Length: > 0 } measured ? $"{result.Summary}\n{measured}" : result.Summary));
                break;
        }

        xml.WriteEndElement();
    }

    private static void WriteOutcome(XmlWriter xml, string element, CheckResult result)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("message", Clean(result.Summary));
        xml.WriteAttributeString("type", Clean(result.Exception?.GetType().Name ?? result.Check));
        xml.WriteString(Clean(Describe(result)));
        xml.WriteEndElement();
    }

    private static void WriteProperty(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("value", Clean(value));
        xml.WriteEndElement();
    }

    private static string Describe(CheckResult result) => string.Join('\n', result.Conditions
        .Where(condition => condition.Status > CheckStatus.Pass)
        .Select(condition => $"{SuiteReportText.Name(condition.Status)}: {condition.Expected} – {condition.Measured}")
        .Prepend(result.Summary));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan duration) => duration.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Puts a mark in the place of what no XML file may hold: control characters and halves of surrogate pairs.</summary>
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i]))
            {
                clean.Append(text[i]);
            }
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                clean.Append(text[i]).Append(text[++i]);
            }
            else
            {
                clean.Append('\uFFFD');
            }
        }

        return clean.ToString();
    }
}
