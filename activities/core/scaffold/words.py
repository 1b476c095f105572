"""The words of a new package, in Thai."""

WORDS = {
    "@@label@@": "@@label_th@@",
    "Write and keep": "เขียนและเก็บไว้",
    "Assignment": "โจทย์",
    "assignment": "โจทย์",
    "What learners write about. One situation from their own work.": (
        "สิ่งที่ผู้เรียนจะเขียนถึง ควรเป็นสถานการณ์เดียวจากงานของตน"
    ),
    "least characters": "จำนวนอักขระอย่างน้อย",
    "How much is asked for. Minutes are credited for reading the assignment and writing this much.": (
        "ความยาวที่กำหนด ระบบคิดเวลาให้จากการอ่านโจทย์และการเขียนตามความยาวนี้"
    ),
    "Write the assignment.": "โปรดเขียนโจทย์",
    "Write at least %(least)d characters; you have %(now)d.": (
        "โปรดเขียนอย่างน้อย %(least)d อักขระ ขณะนี้ท่านเขียนแล้ว %(now)d อักขระ"
    ),
    "There is no such step.": "ไม่พบขั้นตอนนี้",
    "There is no such action here.": "ไม่มีการดำเนินการนี้ในกิจกรรมนี้",
    "Your text is kept.": "ระบบเก็บข้อความของท่านไว้แล้ว",
    "Write at least %(least)d characters about your own work": (
        "เขียนเกี่ยวกับงานของท่านอย่างน้อย %(least)d อักขระ"
    ),
    "Write your text": "เขียนข้อความ",
    "Your text": "ข้อความของท่าน",
    "Only you and your instructor read it.": "ผู้อ่านมีเพียงท่านและวิทยากรของท่าน",
    "Keep it": "เก็บไว้",
    "You can change your text at any time.": "ท่านแก้ไขข้อความได้ตลอดเวลา",
    "Characters": "จำนวนอักขระ",
    "Nobody has written anything yet.": "ยังไม่มีผู้เขียน",
    "Texts of the run": "ข้อความของรุ่น",
}
