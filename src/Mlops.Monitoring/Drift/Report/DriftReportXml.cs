using System.Globalization;
using System.Text;
using System.Xml;

namespace Mlops.Monitoring;

/// <summary>Writes drift reports as JUnit XML, in the form that Jenkins, Azure Pipelines, GitLab and GitHub actions read.</summary>
internal static class DriftReportXml
{
    public static string Write(DriftReport report, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var text = new StringBuilder();
        // The encoding is declared by hand, since a writer to a string would declare UTF-16.
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            WriteSuite(xml, report, name);
            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void WriteSuite(XmlWriter xml, DriftReport report, string name)
    {
        // A report without findings would read as a build that passed.
        var isEmpty = report.Findings.Count == 0;
        var isBlocking = report.GetBlocking();
        var errors = isEmpty ? 1 : report.Findings.Count(isBlocking);
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(name));
        xml.WriteAttributeString("tests", Number(isEmpty ? 1 : report.Findings.Count));
        xml.WriteAttributeString("failures", Number(report.Findings.Count(finding => finding.Verdict == DriftVerdict.Drift)));
        xml.WriteAttributeString("errors", Number(errors));
        xml.WriteAttributeString("skipped", Number(report.Findings.Count(finding => finding.Verdict == DriftVerdict.NotEnoughData && !isBlocking(finding))));
        xml.WriteAttributeString("time", "0.000");
        xml.WriteStartElement("properties");
        WriteProperty(xml, "reference.rows", Number(report.ReferenceRowCount));
        WriteProperty(xml, "current.rows", Number(report.CurrentRowCount));
        WriteProperty(xml, "significance", report.Significance.ToString(CultureInfo.InvariantCulture));
        WriteProperty(xml, "correction", report.Correction.ToString());
        xml.WriteEndElement();
        if (isEmpty) WriteCase(xml, name, "columns", "error", "columns", report.ToString());
        foreach (var finding in report.Findings)
            WriteCase(xml, name, $"{finding.Column}: {finding.Result.Test}", GetElement(finding, isBlocking), finding.Result.Test, finding.Result.Reason);
        xml.WriteEndElement();
    }

    private static string GetElement(DriftFinding finding, Func<DriftFinding, bool> isBlocking) => finding.Verdict switch
    {
        DriftVerdict.Drift => "failure",
        DriftVerdict.NoDrift => "system-out",
        _ => isBlocking(finding) ? "error" : "skipped",
    };

    private static void WriteCase(XmlWriter xml, string suite, string name, string element, string type, string message)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean(name));
        xml.WriteAttributeString("classname", Clean(suite));
        xml.WriteAttributeString("time", "0.000");
        xml.WriteStartElement(element);
        if (element != "system-out") xml.WriteAttributeString("message", Clean(message));
        if (element is "failure" or "error") xml.WriteAttributeString("type", Clean(type));
        if (element != "skipped") xml.WriteString(Clean(message));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteProperty(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("value", value);
        xml.WriteEndElement();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Puts a mark in the place of what no XML file may hold: control characters and halves of surrogate pairs.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }
}
