using System.Globalization;
using System.Text;
using System.Xml;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Writes reports of gates as JUnit XML, in the form that Jenkins, Azure Pipelines, GitLab and GitHub actions read.</summary>
internal static class ModelReportXml
{
    private const string Suite = "model_gates";

    public static string Write(ModelValidationReport report)
    {
        var text = new StringBuilder();
        // The encoding is declared by hand, since a writer to a string would declare UTF-16.
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", Suite);
            xml.WriteAttributeString("tests", Number(report.Checks.Count));
            xml.WriteAttributeString("failures", Number(report.Checks.Count(check => check.Verdict == ValidationVerdict.Fail && check.ErrorType is null)));
            xml.WriteAttributeString("errors", Number(report.Checks.Count(check => check.ErrorType is not null)));
            xml.WriteAttributeString("skipped", Number(report.Checks.Count(check => check.IsSkipped)));
            foreach (var check in report.Checks) WriteCase(xml, check);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static void WriteCase(XmlWriter xml, ModelCheck check)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", SuiteReportXml.Clean(check.Validator));
        xml.WriteAttributeString("classname", Suite);
        if (check.Verdict == ValidationVerdict.Fail)
        {
            xml.WriteStartElement(check.ErrorType is null ? "failure" : "error");
            xml.WriteAttributeString("message", SuiteReportXml.Clean(check.Reason));
            xml.WriteAttributeString("type", SuiteReportXml.Clean(check.ErrorType ?? check.Validator));
            xml.WriteString(SuiteReportXml.Clean(string.Join('\n', check.Figures.Where(figure => figure.Verdict > ValidationVerdict.Pass).Select(figure => figure.ToString()).Prepend(check.Reason))));
            xml.WriteEndElement();
        }
        else if (check.IsSkipped)
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", SuiteReportXml.Clean(check.Reason));
            xml.WriteEndElement();
        }
        else
        {
            xml.WriteElementString("system-out", SuiteReportXml.Clean(string.Join('\n', check.Figures.Select(figure => figure.ToString()).Prepend($"{GateText.Name(check.Verdict)}: {check.Reason}"))));
        }

        xml.WriteEndElement();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
